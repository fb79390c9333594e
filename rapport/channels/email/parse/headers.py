"""Header blocks of real mail: splitting, unfolding, encoded words (RFC 2047), parameters (RFC 2231)."""

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from rapport.kernel.text import repair

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\n\r\n|\r\n\n|\r\r(?!\n)|\r\r\n\r\r\n")
_LINE_END = re.compile(rb"\r\r\n|\r\n|\n|\r")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(?:([^?]*)|([^\n]{0,150}?))\?=")
_PARAMETER = re.compile(r';\s*([^\s=;]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_RFC2231 = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?$")


class Headers:
    """The header fields of one mail or part, in order, decoded when asked for."""

    __slots__ = ("_fields", "_index")

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self._fields = fields
        self._index: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._index.setdefault(name.lower(), []).append(value)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, value in self._fields:
            yield name, decode_value(value)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._index

    def get(self, name: str) -> str:
        """The first value of a field, unfolded and with encoded words decoded; empty when absent."""
        values = self._index.get(name.lower())
        return decode_value(values[0]) if values else ""

    def all(self, name: str) -> list[str]:
        """All values of a field, decoded, from top to bottom."""
        return [decode_value(value) for value in self._index.get(name.lower(), ())]

    def plain(self, name: str) -> str:
        """The first value of a field, unfolded, encoded words left as they are."""
        values = self._index.get(name.lower())
        return unfold(values[0]) if values else ""

    def plain_all(self, name: str) -> list[str]:
        """All values of a field, unfolded, encoded words left as they are."""
        return [unfold(value) for value in self._index.get(name.lower(), ())]

    def count(self, name: str) -> int:
        """How often a field occurs."""
        return len(self._index.get(name.lower(), ()))

    def longest(self) -> int:
        """The length of the longest value in bytes."""
        return max((len(value) for _, value in self._fields), default=0)


def split(raw: bytes, start: int, end: int) -> tuple[list[tuple[str, bytes]], int, bool]:
    """Return the fields of the header block at `start`, where the body starts, and whether it was broken."""
    if raw[start : start + 1] in (b"\r", b"\n"):
        blank = _LINE_END.match(raw, start, end)
        return [], blank.end() if blank else start, False
    gap = _BLANK_LINE.search(raw, start, end)
    stop, body = (gap.start(), gap.end()) if gap else (end, end)
    block = raw[start:stop]
    lines = block.split(b"\r\n") if b"\r\n" in block else _LINE_END.split(block)
    if b"\r\n" in block and any(b"\n" in line or b"\r" in line for line in lines):
        lines = _LINE_END.split(block)
    return _fields(lines, start, body, raw)


def _fields(
    lines: list[bytes], start: int, body: int, raw: bytes
) -> tuple[list[tuple[str, bytes]], int, bool]:
    fields: list[tuple[str, list[bytes]]] = []
    broken, known = False, 0
    for number, line in enumerate(lines):
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line)
            continue
        found = _FIELD.match(line)
        if found:
            fields.append((found[1].decode("ascii"), [line[found.end() :]]))
        elif line and not (number == 0 and line.startswith((b"From ", b">From "))):
            broken = True
            if known <= number:
                known = _next_field(lines, number + 1)
            if not known:
                at = raw.find(line, start, body)
                return _joined(fields), at if at >= 0 else body, True
            if fields:
                fields[-1][1].append(b" " + line)
    return _joined(fields), body, broken


def _next_field(lines: list[bytes], start: int) -> int:
    """The number of the next line that begins a field; 0 where none of the next twenty does."""
    return next(
        (number for number, line in enumerate(lines[start : start + 20], start) if _FIELD.match(line)), 0
    )


def _joined(fields: list[tuple[str, list[bytes]]]) -> list[tuple[str, bytes]]:
    return [(name, lines[0] if len(lines) == 1 else b"\n".join(lines)) for name, lines in fields]


def unfold(value: bytes) -> str:
    """Return a header value on one line, raw bytes repaired to text."""
    text = value.decode("ascii") if value.isascii() else repair.decode(value)
    return repair.clean(text.replace("\r", "").replace("\n", "")).strip()


def decode_value(value: bytes) -> str:
    """Return a header value unfolded with its encoded words decoded."""
    return decode_words(unfold(value))


def decode_words(text: str) -> str:
    """Decode encoded words (RFC 2047), also broken ones: inside quotes, with spaces, split characters."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    held, charset, place = b"", "", 0
    for found in _ENCODED.finditer(text):
        between = text[place : found.start()]
        name = found[1].split("*")[0].lower()
        content = _word_bytes(found[2], found[3] if found[3] is not None else found[4])
        if held and not between.strip() and name == charset:
            held += content
        else:
            if held:
                pieces.append(repair.decode(held, charset))
                between = between if between.strip() else ""
            pieces.append(between)
            held, charset = content, name
        place = found.end()
    if held:
        pieces.append(repair.decode(held, charset))
    pieces.append(text[place:])
    return " ".join(repair.clean("".join(pieces)).splitlines()).strip()


def _word_bytes(kind: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    if kind in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    return base64_bytes(raw)


def base64_bytes(raw: bytes) -> bytes:
    """Decode base64 with wrong characters, missing or inner padding; what cannot be read is left out."""
    try:
        return binascii.a2b_base64(raw.translate(None, b"\r\n\t "), strict_mode=True)
    except ValueError:
        pass
    pieces = raw.split(b"=") if b"=" in raw.rstrip(b"=\r\n\t ") else [raw]
    return b"".join(_base64_piece(piece) for piece in pieces)


_BASE64 = bytes(range(256)).translate(
    None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)


def _base64_piece(piece: bytes) -> bytes:
    letters = piece.translate(None, _BASE64)
    rest = len(letters) % 4
    letters = letters[:-1] if rest == 1 else letters + b"=" * (-len(letters) % 4)
    return binascii.a2b_base64(letters)


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a structured header value, RFC 2231 pieces joined and decoded."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(value):
        name, content = match[1].lower(), _unquoted(match[2].strip())
        continued = _RFC2231.match(name)
        if continued and len(pieces) < 100:
            encoded = name.endswith("*")
            pieces.setdefault(continued[1], []).append((int(continued[2] or 0), encoded, content))
        else:
            found.setdefault(name, content)
    for name, parts in pieces.items():
        found[name] = _rfc2231(sorted(parts, key=lambda part: part[0]))
    return found


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _ESCAPED.sub(r"\1", text[1:-1])
    return text.strip("\"' ")


def _rfc2231(parts: list[tuple[int, bool, str]]) -> str:
    charset, collected = "", b""
    for place, (_, encoded, content) in enumerate(parts):
        text = content
        if encoded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        collected += unquote_to_bytes(raw) if encoded else raw
    return repair.decode(collected, charset or None)
