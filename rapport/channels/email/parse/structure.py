"""The tree of parts of a mail (RFC 2045, 2046), also where boundaries are missing, repeated or wrong."""

import binascii
import re
from dataclasses import dataclass, field

from rapport.channels.email.parse.headers import Headers, base64_bytes, parameters, split
from rapport.channels.email.parse.model import Limits, OverLimit
from rapport.channels.email.sentences import sentence

_TYPE = re.compile(r"\s*[\"']?([\w.+\-]{1,80})\s*/\s*([\w.+\-]{1,120})")
_FIRST_BOUNDARY = re.compile(rb"(?:\A|[\r\n])--([^\r\n]{1,250})[\r\n]")
_UU_LINE = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]{1,300}\r?\n", re.MULTILINE)


@dataclass(slots=True)
class Part:
    """One node: its headers, its type, and either children or content with the transfer encoding undone."""

    headers: Headers
    maintype: str
    subtype: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    content: bytes = b""
    children: "list[Part]" = field(default_factory=list)

    @property
    def type(self) -> str:
        """The media type in lower case."""
        return f"{self.maintype}/{self.subtype}"

    @property
    def filename(self) -> str:
        """The file name as written, from Content-Disposition or else from Content-Type."""
        return self.disposition_parameters.get("filename") or self.parameters.get("name") or ""


class Reader:
    """Reads one mail into parts within limits; `defects` collects what was wrong."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.raw = raw
        self.limits = limits
        self.count = 0
        self.defects: list[str] = []

    def read(self) -> Part:
        """Return the root part, or raise `OverLimit` when the mail is over a limit."""
        if len(self.raw) > self.limits.max_size:
            raise OverLimit("size", sentence("too_large", most=self.limits.max_size))
        start = 0
        while start < len(self.raw) and self.raw[start] in b"\r\n":
            start += 1
        if self.raw.startswith(b"\xef\xbb\xbf", start):
            start += 3
        return self._part(start, len(self.raw), 0, "text/plain")

    def _part(self, start: int, end: int, depth: int, default: str) -> Part:
        self.count += 1
        if self.count > self.limits.max_parts:
            raise OverLimit("parts", sentence("too_many_parts", most=self.limits.max_parts))
        if depth > self.limits.max_depth:
            raise OverLimit("depth", sentence("too_deep", most=self.limits.max_depth))
        fields, body, broken = split(self.raw, start, end)
        if broken:
            self.note("broken header block")
        headers = Headers(fields)
        if (
            body - start > self.limits.max_header_size
            and sum(len(v) for _, v in fields) > self.limits.max_header_size
        ):
            raise OverLimit("headers", sentence("headers_too_large", most=self.limits.max_header_size))
        if headers.longest() > self.limits.max_header_length:
            raise OverLimit("header", sentence("header_too_long", most=self.limits.max_header_length))
        part = _described(headers, default)
        if part.maintype == "multipart":
            self._children(part, body, end, depth)
        else:
            self._content(part, body, end)
        return part

    def note(self, defect: str) -> None:
        """Remember a defect once."""
        if defect not in self.defects and len(self.defects) < 50:
            self.defects.append(defect)

    def _children(self, part: Part, body: int, end: int, depth: int) -> None:
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        spans = _spans(self.raw, body, end, boundary) if boundary else []
        if not spans:
            found = _FIRST_BOUNDARY.search(self.raw, max(body - 1, 0), end)
            if found:
                self.note("wrong or missing boundary")
                spans = _spans(self.raw, body, end, found[1].rstrip(b" \t"))
        default = "message/rfc822" if part.subtype == "digest" else "text/plain"
        part.children = [self._part(first, last, depth + 1, default) for first, last in spans]
        if not spans:
            self.note("multipart without parts")
            part.maintype, part.subtype = "text", "plain"
            if self.raw[body : body + 200].lstrip()[:1] == b"<":
                part.subtype = "html"
            self._content(part, body, end)

    def _content(self, part: Part, body: int, end: int) -> None:
        data = self.raw[body:end]
        encoding = part.headers.get("content-transfer-encoding").lower().strip(" \"';.").split(";")[0].strip()
        if encoding == "base64":
            part.content = base64_bytes(data)
        elif encoding in ("quoted-printable", "quoted printable", "qp"):
            part.content = binascii.a2b_qp(data)
        elif encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            part.content = uudecoded(data)
        else:
            part.content = data
            if encoding not in ("", "7bit", "8bit", "binary", "7-bit", "8-bit"):
                self.note("unknown transfer encoding")


def _described(headers: Headers, default: str) -> Part:
    written = headers.get("content-type")
    found = _TYPE.match(written)
    maintype, subtype = (found[1].lower(), found[2].lower()) if found else tuple(default.split("/"))
    if not found and written.strip().lower().startswith("text"):
        maintype, subtype = "text", "plain"
    shown = headers.get("content-disposition")
    return Part(
        headers,
        maintype,
        subtype,
        parameters(written),
        shown.partition(";")[0].strip(" \"'").lower(),
        parameters(shown if ";" in shown or "=" not in shown else ";" + shown),
    )


def _spans(raw: bytes, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """Return the byte ranges between the delimiter lines of a boundary; the last may lack its end."""
    marker = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened, at = -1, raw.find(marker, start, end)
    while at >= 0:
        after = _line_after(raw, at, len(marker), start, end)
        if after is None:
            at = raw.find(marker, at + 2, end)
            continue
        closing, next_line = after
        if opened >= 0:
            spans.append((opened, max(opened, _before_newline(raw, at, opened))))
        opened = -1 if closing else next_line
        at = raw.find(marker, max(next_line - 1, at + 2), end)
    if 0 <= opened < end:
        spans.append((opened, end))
    return spans


def _line_after(raw: bytes, at: int, length: int, start: int, end: int) -> tuple[bool, int] | None:
    if at > start and raw[at - 1] not in b"\r\n":
        return None
    place = at + length
    closing = raw.startswith(b"--", place)
    stop = raw.find(b"\n", place, min(end, place + 1000))
    if stop < 0:
        stop = raw.find(b"\r", place, min(end, place + 1000))
    stop = min(end, place + 1000) if stop < 0 else stop
    rest = raw[place:stop].strip()
    if rest not in (b"", b"--") and not (closing and rest.startswith(b"--")):
        return None
    return closing, min(stop + 1, end)


def _before_newline(raw: bytes, at: int, floor: int) -> int:
    if at - 2 >= floor and raw[at - 2 : at] == b"\r\n":
        return at - 2
    return at - 1 if at - 1 >= floor else at


def uudecoded(data: bytes) -> bytes:
    """Decode uuencoded lines, with or without the begin line; broken lines are cut, not refused."""
    found = _UU_LINE.search(data)
    lines = data[found.end() if found else 0 :].splitlines()
    if found and found[0].startswith(b"begin-base64"):
        return base64_bytes(b"".join(lines).partition(b"====")[0])
    content: list[bytes] = []
    for line in lines:
        if line.rstrip() in (b"end", b"`", b""):
            break
        try:
            content.append(binascii.a2b_uu(line))
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                content.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                continue
    return b"".join(content)
