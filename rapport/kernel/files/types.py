"""What a file really is, told from its bytes."""

import re
from typing import Final

HEAD_BYTES: Final = 4096
"""How many bytes from the start the decision reads."""

UNKNOWN: Final = "application/octet-stream"
IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SHOWN_INLINE: Final = IMAGES | {"application/pdf"}
"""The only types a browser may show instead of saving."""

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,58}/[a-z0-9][a-z0-9!#$&^_.+-]{0,58}")
_ACTIVE = re.compile(rb"<\s*(?:!doctype|html|script|svg|\?xml|head|body|iframe|x:)", re.IGNORECASE)
_TEXT = frozenset({"text/plain", "text/csv", "text/calendar", "text/vcard", "text/markdown"})
_CLAIMS_TRUSTED = (
    "application/vnd.",
    "audio/",
    "video/",
    "application/zip",
    "application/msword",
    "message/rfc822",
)


def _exact(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return ""


def content_type_of(head: bytes, *, claimed: str) -> str:
    """Return the type of a file whose first bytes are ``head``; ``claimed`` is what its sender said.

    A type that a browser shows is given only to bytes that prove it. A claim counts for office documents,
    sound, film and plain text, where it does no harm; anything else unproven is ``application/octet-stream``.
    """
    exact = _exact(head)
    if exact:
        return exact
    claim = claimed.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(claim) or claim in SHOWN_INLINE:
        claim = UNKNOWN
    if _ACTIVE.search(head) and claim != "message/rfc822":
        return _markup(head)
    if claim in _TEXT and b"\0" not in head:
        return claim
    if claim.startswith(_CLAIMS_TRUSTED):
        return claim
    return _sniffed(head)


def _markup(head: bytes) -> str:
    lower = head.lower()
    if b"<svg" in lower:
        return "image/svg+xml"
    return (
        "text/html"
        if re.search(rb"<\s*(?:!doctype\s+html|html|script|body|head|iframe)", lower)
        else "text/xml"
    )


def _sniffed(head: bytes) -> str:
    import puremagic

    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError, IndexError, UnicodeError):
        return UNKNOWN
    types = [match.mime_type for match in found if match.mime_type and match.mime_type not in SHOWN_INLINE]
    return types[0] if types and _TYPE.fullmatch(types[0]) else UNKNOWN
