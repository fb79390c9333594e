"""The one form of an address, number or handle under which it is looked up. Pure."""

import hashlib
import re
import unicodedata

MAX_LENGTH = 320
_CONTROL = re.compile(r"[\x00-\x1f\x7f\s]+")


def normalised(kind: str, value: str) -> str:
    """Return ``value`` of an identity of ``kind`` as it is stored and looked up.

    Mail addresses are compared without regard to case, on both sides of the at sign.
    A value too long to be stored keeps its beginning and gets a digest, so that two of them never meet.
    """
    cleaned = _CONTROL.sub("", unicodedata.normalize("NFC", value)).strip("<>")
    if kind == "email":
        cleaned = cleaned.lower()
    if len(cleaned) > MAX_LENGTH:
        digest = hashlib.sha256(cleaned.encode("utf-8", "surrogatepass")).hexdigest()
        cleaned = f"{cleaned[: MAX_LENGTH - 65]}~{digest}"
    return cleaned.encode("utf-8", "replace").decode()


def domain_of(address: str) -> str:
    """Return what stands right of the last at sign, or nothing."""
    return address.rpartition("@")[2] if "@" in address else ""
