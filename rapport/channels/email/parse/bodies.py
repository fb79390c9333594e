"""Which parts are the text, which the HTML, which the files (after RFC 8621 §4.1.4)."""

import hashlib
import html as html_module
import mimetypes
import re
from dataclasses import dataclass

from rapport.channels.email.parse.headers import Headers, decode_words, split
from rapport.channels.email.parse.model import Attachment
from rapport.channels.email.parse.structure import Part, Reader, uudecoded
from rapport.kernel.text import repair

_INLINE_MEDIA = frozenset({"image", "audio", "video"})
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_UU_END = re.compile(rb"\n(?:end|====)[ \t]*(?:\r?\n|\Z)")
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f<>:\"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
_BREAK = re.compile(r"\r\n|\r|\u2028|\u2029|\x0c|\x85")
_CID = re.compile(r"cid:([^\"'\s>)]{1,300})", re.IGNORECASE)
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "application/octet-stream": ".bin",
    "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
}


@dataclass(slots=True)
class Bodies:
    """Parts sorted by use; the flags say which version the parts being sorted belong to."""

    plain: list[Part]
    rich: list[Part]
    files: list[Part]
    use_plain: bool = True
    use_rich: bool = True


def sort(root: Part) -> Bodies:
    """Sort the parts of a mail into text bodies, HTML bodies and files."""
    bodies = Bodies([], [], [])
    _sort([root], "mixed", bodies, alternative=False)
    return bodies


def _sort(parts: list[Part], kind: str, into: Bodies, *, alternative: bool) -> None:
    before = (len(into.plain), len(into.rich))
    use_plain, use_rich = into.use_plain, into.use_rich
    for place, part in enumerate(parts):
        if part.maintype == "multipart":
            inside = alternative or part.subtype == "alternative"
            _sort(part.children, part.subtype, into, alternative=inside)
        elif not _is_body(part, place, kind):
            into.files.append(part)
        elif kind == "alternative":
            _choose(part, into, before[0])
        else:
            _add(part, into, alternative=alternative)
    if kind == "alternative" and into.use_plain and into.use_rich:
        if before[0] == len(into.plain):
            into.plain.extend(into.rich[before[1] :])
        elif before[1] == len(into.rich):
            into.rich.extend(into.plain[before[0] :])
    into.use_plain, into.use_rich = use_plain, use_rich


def _choose(part: Part, into: Bodies, plain_before: int) -> None:
    """One of several versions of the same text."""
    if part.type == "text/html" and into.use_rich:
        into.rich.append(part)
    elif into.use_plain and (
        part.type == "text/plain" or (_is_enriched(part) and len(into.plain) == plain_before)
    ):
        into.plain.append(part)
    else:
        into.files.append(part)


def _add(part: Part, into: Bodies, *, alternative: bool) -> None:
    """One of several pieces of the text; inside an alternative it belongs to one version only."""
    if alternative and part.type == "text/plain":
        into.use_rich = False
    elif alternative and part.type == "text/html":
        into.use_plain = False
    if into.use_plain:
        into.plain.append(part)
    if into.use_rich:
        into.rich.append(part)
    if part.maintype in _INLINE_MEDIA:
        into.files.append(part)


def _is_enriched(part: Part) -> bool:
    return part.maintype == "text" and part.subtype in ("enriched", "richtext")


def _is_body(part: Part, place: int, kind: str) -> bool:
    if part.disposition == "attachment":
        return False
    media = part.maintype in _INLINE_MEDIA
    text = part.maintype == "text" and part.subtype in (
        "plain",
        "html",
        "enriched",
        "richtext",
        "x-markdown",
        "markdown",
    )
    if not (media or text):
        return False
    return place == 0 or (kind != "related" and (media or not part.filename))


def text_of(part: Part, reader: Reader) -> str:
    """Decode a text part; line ends become `\\n`, format=flowed is joined (RFC 3676)."""
    decoded = repair.decode_noting(
        part.content[: reader.limits.max_text], part.parameters.get("charset") or _meta(part)
    )
    if decoded.defect:
        reader.note(decoded.defect)
    if len(part.content) > reader.limits.max_text:
        reader.note("text cut")
    text = decoded.text
    if "\r" in text or not text.isascii() or "\x0c" in text:
        text = _BREAK.sub("\n", text)
    if part.parameters.get("format", "").lower() == "flowed" and part.subtype == "plain":
        text = unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
    return text


_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w\-]{2,40})", re.IGNORECASE)


def _meta(part: Part) -> str | None:
    found = _META.search(part.content, 0, 4096) if part.subtype == "html" else None
    return found[1].decode("ascii") if found else None


def unflowed(text: str, delete_space: bool) -> str:
    """Join soft-broken lines of format=flowed text; quoted lines only with lines of the same depth."""
    lines: list[str] = []
    held, depth = "", -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        level = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if held and level != depth:
            lines.append(_prefixed(held, depth))
            held = ""
        depth = level
        if bare.endswith(" ") and bare != "-- ":
            held += bare[:-1] if delete_space else bare
        else:
            lines.append(_prefixed(held + bare, level))
            held = ""
    if held:
        lines.append(_prefixed(held, depth))
    return "\n".join(lines)


def _prefixed(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}" if depth else line


def html_of(parts: list[Part], reader: Reader) -> str:
    """Join HTML bodies as sent; plain ones between them become paragraphs. Empty without any HTML part."""
    if not any(part.type == "text/html" for part in parts):
        return ""
    pieces = []
    for part in parts:
        if part.type == "text/html":
            pieces.append(text_of(part, reader))
        elif part.maintype == "text":
            escaped = html_module.escape(text_of(part, reader).strip("\n"), quote=False)
            pieces.append("<p>" + escaped.replace("\n", "<br>") + "</p>" if escaped.strip() else "")
    return "\n".join(pieces)


def without_uuencoded(part: Part) -> list[tuple[str, bytes]]:
    """Take uuencoded files out of a plain text part; return their names and contents."""
    content = part.content
    if b"\nbegin" not in content and not content.startswith(b"begin"):
        return []
    files: list[tuple[str, bytes]] = []
    kept: list[bytes] = []
    place = 0
    while begin := _UU_BEGIN.search(content, place):
        end = _UU_END.search(content, begin.end() - 1)
        if end is None:
            break
        decoded = uudecoded(content[begin.start() : end.end()])
        kept.append(content[place : begin.start()] if decoded else content[place : end.end()])
        if decoded:
            files.append((repair.decode(begin[1].rstrip()), decoded))
        place = end.end()
    part.content = b"".join((*kept, content[place:]))
    return files


def attachment(part: Part, number: int, html: str) -> Attachment:
    """Make the attachment of a part: a safe name (made up when missing), size, hash, shown inline or not."""
    content_id = part.headers.plain("content-id").strip(" <>")[:300]
    shown = bool(content_id) and "cid:" + content_id.lower() in html
    name = safe_name(decode_words(part.filename)) or made_up_name(part, number)
    return Attachment(
        name, part.type, len(part.content), digest(part.content), part.content, content_id, shown
    )


def digest(content: bytes) -> str:
    """The SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def safe_name(name: str) -> str:
    """Return a file name without folders, control and direction characters, at most 200 characters long."""
    bare = _SPACES.sub(" ", repair.clean(name)).replace("\\", "/").rstrip("/").rpartition("/")[2]
    bare = _UNSAFE_NAME.sub("", bare).strip(" .") if bare.strip(".") else ""
    if len(bare) > 200:
        stem, dot, ending = bare.rpartition(".")
        bare = f"{stem[: 199 - len(ending)]}.{ending}" if dot and len(ending) < 20 else bare[:200]
    return bare


def made_up_name(part: Part, number: int) -> str:
    """Return a name for a part without one: the subject of an attached mail, else the kind and a number."""
    if part.type == "message/rfc822":
        fields, _, _ = split(part.content, 0, min(len(part.content), 65536))
        subject = safe_name(Headers(fields).get("subject"))
        return f"{subject[:100]}.eml" if subject else f"message-{number}.eml"
    if part.type in ("application/ms-tnef", "application/vnd.ms-tnef"):
        return "winmail.dat"
    if part.subtype == "calendar":
        return "invite.ics"
    ending = _EXTENSIONS.get(part.type) or mimetypes.guess_extension(part.type) or ".bin"
    return (
        f"{part.maintype if part.maintype in ('image', 'audio', 'video') else 'attachment'}-{number}{ending}"
    )
