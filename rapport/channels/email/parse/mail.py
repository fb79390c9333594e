"""From the bytes of a mail to a `ParsedMail`; any bytes give a result or `OverLimit`, nothing else."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import TypedDict

from rapport.channels.email.parse import bodies, customer
from rapport.channels.email.parse.addresses import addresses
from rapport.channels.email.parse.headers import Headers
from rapport.channels.email.parse.model import (
    Address,
    Attachment,
    Limits,
    OverLimit,
    ParsedMail,
)
from rapport.channels.email.parse.structure import Part, Reader
from rapport.channels.email.sentences import sentence
from rapport.kernel.text import quotes
from rapport.kernel.text.extract import Line

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,990})>")
_BARE_ID = re.compile(r"(?<![^\s<>,;\"])[^\s<>,;\"]{1,500}@[^\s<>,;\"]{1,400}")
_PLACEHOLDER = re.compile(r"\[(?:image|inline image|cid): ?([^\[\]\n]{1,200})\]", re.IGNORECASE)
_DEFAULT_LIMITS = Limits()
LONGEST_STUB = 400
"""Characters of a plain part that can stand for "Please read this mail as HTML"."""
_NOBODY = Address("", "")


def parse(raw: bytes, limits: Limits = _DEFAULT_LIMITS, own: Collection[str] = ()) -> ParsedMail:
    """Parse a mail.

    `own` are the addresses of our inboxes in lower case; a Reply-To to one of them never names the customer.
    Raises `OverLimit` when the mail is over `limits`; broken mails are read as far as possible, with
    `defects`.
    """
    reader = Reader(raw, limits)
    root = reader.read()
    headers, subject = root.headers, root.headers.get("subject")
    sent_by = _first(headers, "from")
    reply_to = tuple(addresses(headers.plain("reply-to"), 100))
    to, cc, bcc = (_recipients(headers, name, limits) for name in ("to", "cc", "bcc"))
    who, rule = customer.decide(headers, sent_by, reply_to, own)
    words = _words(root, reader, sent_by.name)
    reply_ids = _ids(headers, "in-reply-to")
    return ParsedMail(
        headers=headers,
        message_id=next(iter(_ids(headers, "message-id")), ""),
        in_reply_to=reply_ids[0] if reply_ids else "",
        reply_ids=reply_ids,
        references=_ids(headers, "references"),
        date=date_of(headers.get("date")),
        subject=subject,
        from_=sent_by,
        reply_to=reply_to,
        sender=_first(headers, "sender"),
        customer=who,
        customer_rule=rule,
        forwarded_from=customer.forwarded_from(subject, words["text"]),
        to=to,
        cc=cc,
        bcc=bcc,
        parts=tuple((part.type, part.content) for part in _leaves(root)),
        **words,
        defects=tuple(reader.defects),
    )


class _Words(TypedDict):
    text: str
    html: str
    reply_text: str
    signature: str
    quoted: str
    attachments: tuple[Attachment, ...]
    calendars: tuple[str, ...]


def _words(root: Part, reader: Reader, author: str) -> _Words:
    sorted_parts = bodies.sort(root)
    files = _files(sorted_parts, reader)
    html = bodies.html_of(sorted_parts.rich, reader)
    attached = _attachments(files, html)
    text, lines = _text(sorted_parts, reader, html)
    text, attached = _without_placeholders(text, attached)
    folded = quotes.split_lines(lines, author) if lines else quotes.split(text, author)
    return _Words(
        text=text,
        html=html,
        reply_text=folded.reply,
        signature=folded.signature,
        quoted=folded.quoted,
        attachments=attached,
        calendars=tuple(bodies.text_of(part, reader) for part in files if part.type == "text/calendar"),
    )


def _leaves(part: Part) -> list[Part]:
    if not part.children:
        return [part]
    return [leaf for child in part.children for leaf in _leaves(child)]


def _files(found: bodies.Bodies, reader: Reader) -> list[Part]:
    files = list(found.files)
    seen = set()
    for part in [*found.plain, *found.rich]:
        if part.type == "text/plain" and id(part) not in seen:
            seen.add(id(part))
            for name, content in bodies.without_uuencoded(part):
                reader.note("uuencoded file in the text")
                files.append(
                    Part(
                        Headers([]), "application", "octet-stream", {"name": name}, "attachment", {}, content
                    )
                )
    return files


def _attachments(files: list[Part], html: str) -> tuple[Attachment, ...]:
    lowered = html.lower() if "cid:" in html.lower() else ""
    return tuple(bodies.attachment(part, number, lowered) for number, part in enumerate(files, 1))


def _text(found: bodies.Bodies, reader: Reader, html: str) -> tuple[str, Sequence[Line]]:
    """Return the plain text, and the lines of the HTML where people are to read these instead."""
    plain = [part for part in found.plain if part.maintype == "text" and part.subtype != "html"]
    pieces = [bodies.text_of(part, reader) for part in plain]
    text = "\n".join(piece.strip("\n") for piece in pieces) if len(pieces) > 1 else "".join(pieces)
    if not html:
        return text, ()
    alone = not text.strip() or any(part.type == "text/html" for part in found.plain)
    if not alone and len(text) > LONGEST_STUB:
        return text, ()
    from rapport.kernel.text import extract

    lines = extract.lines_of(html)
    if alone:
        return "\n".join(line.text for line in lines).strip("\n"), lines
    return text, lines if _is_stub(text, lines) else ()


def _is_stub(text: str, lines: Sequence[Line]) -> bool:
    """Tell whether a plain part says far less than the HTML beside it."""
    written = sum(len(line.text.split()) for line in lines)
    return written > 2 * len(text.split()) + 10


def _without_placeholders(text: str, attached: tuple[Attachment, ...]) -> tuple[str, tuple[Attachment, ...]]:
    """Take "[image: name]" out of plain text; the images named there are inline ones."""
    images = [file for file in attached if file.type.startswith("image/")]
    if not images or "[" not in text:
        return text, attached
    names = {name: file for file in images for name in (file.name, file.content_id) if name}
    shown: set[int] = set()

    def drop(match: re.Match[str]) -> str:
        file = names.get(match[1].strip())
        if file is None:
            return match[0]
        shown.add(id(file))
        return ""

    text = _PLACEHOLDER.sub(drop, text)
    return text, tuple(
        replace(one, inline=True) if id(one) in shown and one.content_id else one for one in attached
    )


def _first(headers: Headers, name: str) -> Address:
    for value in headers.plain_all(name):
        found = addresses(value, 1)
        if found:
            return found[0]
    return _NOBODY


def _recipients(headers: Headers, name: str, limits: Limits) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in headers.plain_all(name):
        found += addresses(value, limits.max_recipients + 1)
        if len(found) > limits.max_recipients:
            raise OverLimit("recipients", sentence("too_many_recipients", most=limits.max_recipients))
    return tuple(found)


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    found: list[str] = []
    for value in headers.plain_all(name):
        inside = _MESSAGE_ID.findall(value) or _BARE_ID.findall(value)
        found += [identifier for identifier in inside[:500] if identifier not in found[-50:]]
    return tuple(found[:1000])


def date_of(text: str) -> datetime | None:
    """Read a Date header leniently; None when it is missing or nonsense. An unknown zone counts as UTC."""
    try:
        parts = parsedate_tz(text[:120])
        if parts is None:
            return None
        offset = parts[9] or 0
        zone = timezone(timedelta(seconds=offset)) if abs(offset) < 86400 else UTC
        return datetime(*parts[:6], tzinfo=zone)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
