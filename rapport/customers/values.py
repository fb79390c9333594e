"""The one form of an address, number or handle under which it is looked up. Pure."""

import hashlib
import re
import unicodedata

MAX_LENGTH = 320
_BETWEEN_DIGITS = re.compile(r"[()./\-\u2010-\u2015]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\s]+")


def normalised(kind: str, value: str) -> str:
    """Return ``value`` of an identity of ``kind`` as it is stored and looked up.

    Mail addresses are compared without regard to case, on both sides of the at sign; phone numbers without
    what people put between the digits.
    A value too long to be stored keeps its beginning and gets a digest, so that two of them never meet.
    """
    cleaned = _CONTROL.sub("", unicodedata.normalize("NFC", value)).strip("<>")
    if kind == "email":
        cleaned = cleaned.lower()
    if kind == "phone":
        cleaned = _BETWEEN_DIGITS.sub("", cleaned)
    if len(cleaned) > MAX_LENGTH:
        digest = hashlib.sha256(cleaned.encode("utf-8", "surrogatepass")).hexdigest()
        cleaned = f"{cleaned[: MAX_LENGTH - 65]}~{digest}"
    return cleaned.encode("utf-8", "replace").decode()


def domain_of(address: str) -> str:
    """Return what stands right of the last at sign, or nothing."""
    return address.rpartition("@")[2] if "@" in address else ""


def is_phone(value: str) -> bool:
    """Tell whether the text is a number that can be called."""
    return bool(re.fullmatch(r"\+?[0-9]{3,20}", normalised("phone", value)))
