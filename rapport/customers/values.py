"""The one form of an address, number or handle under which it is looked up. Pure."""

import hashlib
import re
import unicodedata

MAX_LENGTH = 320
_BETWEEN_DIGITS = re.compile(r"[()./\-\u2010-\u2015]+")
# "+49 (0)30": the zero is dialled inside the country only; in Italy it is part of the number.
_NATIONAL_ZERO = re.compile(r"^((?:\+|00)(?!39)[1-9][0-9]{0,2}[./\-\u2010-\u2015]*)\(0\)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\s]+")
# Marks that turn the direction of what stands beside a name, and so what a reader takes it for.
_TURNING = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def normalised(kind: str, value: str) -> str:
    """Return ``value`` of an identity of ``kind`` as it is stored and looked up.

    Mail addresses are compared without regard to case, on both sides of the at sign; phone numbers without
    what people put between the digits, nor the "(0)" after a country code.
    A value too long to be stored keeps its beginning and gets a digest, so that two of them never meet.
    """
    cleaned = _CONTROL.sub("", unicodedata.normalize("NFC", value)).strip("<>")
    if kind == "email":
        cleaned = cleaned.lower()
    if kind == "phone":
        cleaned = _BETWEEN_DIGITS.sub("", _NATIONAL_ZERO.sub(r"\1", cleaned))
    if len(cleaned) > MAX_LENGTH:
        digest = hashlib.sha256(cleaned.encode("utf-8", "surrogatepass")).hexdigest()
        cleaned = f"{cleaned[: MAX_LENGTH - 65]}~{digest}"
    return cleaned.encode("utf-8", "replace").decode()


def plain_name(name: str) -> str:
    """Return a typed name on one line, with nothing in it that cannot be seen and changes how it reads."""
    return " ".join(_TURNING.sub(" ", name).split())


def domain_of(address: str) -> str:
    """Return what stands right of the last at sign, or nothing."""
    return address.rpartition("@")[2] if "@" in address else ""


def is_phone(value: str) -> bool:
    """Tell whether the text is a number that can be called."""
    return bool(re.fullmatch(r"\+?[0-9]{3,20}", normalised("phone", value)))
