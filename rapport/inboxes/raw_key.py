"""The key that tells whether two raw mails are one: the same for every copy of one mail in one inbox.

A mail may come by the pipe, by LMTP and by IMAP, each adding its own transport headers and line endings,
and again after a redelivery. A Message-ID alone is no proof, broken senders use one twice: sender, subject
and body count. Pure and standard library only: the pipe receiver uses it without Django.
"""

import hashlib
import re

_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")
_FOLD = re.compile(rb"\n[ \t]+")
_TOLD = (b"from", b"subject")
# Where a sender gives no Message-ID these say which mail it is; the oldest Received names the first queue.
_STAND_INS = (b"to", b"date")


def raw_key(content: bytes, inbox_id: int) -> str:
    """Return the SHA-256 (hexadecimal) over Message-ID, sender, subject, body and inbox of any bytes."""
    head, body = split(content)
    headers = _headers(head)
    digest = hashlib.sha256(f"mail\0{inbox_id}\0".encode())
    for name in _TOLD:
        digest.update(name + b"\0" + _first(headers, name) + b"\0")
    identity = _first(headers, b"message-id")
    if identity:
        digest.update(identity)
    else:
        for name in _STAND_INS:
            digest.update(name + b"\0" + _first(headers, name) + b"\0")
        received = [value for name, value in headers if name == b"received"]
        digest.update(received[-1] if received else b"")
    digest.update(b"\0\0")
    digest.update(hashlib.sha256(canonical_body(body)).digest())
    return digest.hexdigest()


def split(content: bytes) -> tuple[bytes, bytes]:
    """Return header and body with ``\\n`` line endings; bytes that begin with no header are all body."""
    text = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    position = 0
    while position < len(text):
        end = text.find(b"\n", position)
        end = len(text) if end < 0 else end
        if end == position:
            return text[:position], text[end + 1 :]
        line_is_header = _HEADER_LINE.match(text, position, end) is not None
        folded = position > 0 and text[position : position + 1] in (b" ", b"\t")
        envelope = position == 0 and text.startswith(b"From ")
        if not (line_is_header or folded or envelope):
            return text[:position], text[position:]
        position = end + 1
    return text, b""


def canonical_body(body: bytes) -> bytes:
    """Drop all white space: mail servers fold lines beyond 998 bytes (RFC 5321 §4.5.3.1.6), pipes do not."""
    return body.translate(None, b" \t\r\n\v\f")


def _headers(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = _FOLD.sub(b" ", head).split(b"\n")
    pairs = (line.partition(b":") for line in lines)
    return [(name.strip().lower(), b" ".join(value.split())) for name, colon, value in pairs if colon]


def _first(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for each, value in headers if each == name and value), b"")
