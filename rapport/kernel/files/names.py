"""File names that came from outside, made harmless to show, to save and to put in a header."""

import unicodedata
from urllib.parse import quote

MAX_CHARACTERS = 120
MAX_EXTENSION = 16
FALLBACK = "file"

# Control, format (zero-width, bidi), surrogate, private and unassigned characters change how a name looks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_REPLACED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³"}
)
_HEADER_SAFE = "!#$&+-.^_`|~"


def safe_name(name: str) -> str:
    """Return ``name`` as one visible path component of at most 120 characters; never empty, never raises."""
    # Shortened before normalising: a few characters can grow to eighteen under NFKC.
    plain = unicodedata.normalize("NFC", name[-4096:])
    visible = "".join(mark for mark in plain if unicodedata.category(mark) not in _INVISIBLE)
    last = visible.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    shown = " ".join(last.translate(_REPLACED).split()).strip(". ")
    if not shown:
        return FALLBACK
    if shown.partition(".")[0].strip().casefold() in _RESERVED:
        shown = f"_{shown}"
    return _shorten(shown)


def uploaded_name(name: str) -> str:
    """Return the name of a file from a form of ours, read as the browser wrote it and made safe."""
    # Three characters, and no percent sign, are escaped: HTML, "multipart/form-data encoding algorithm".
    return safe_name(name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n"))


def _shorten(name: str) -> str:
    if len(name) <= MAX_CHARACTERS:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension) > MAX_EXTENSION:
        return name[:MAX_CHARACTERS].rstrip(". ")
    return f"{stem[: MAX_CHARACTERS - len(extension) - 1].rstrip('. ')}.{extension}"


def disposition(name: str, *, inline: bool) -> str:
    """Return a Content-Disposition value after RFC 6266, with the full name after RFC 5987 (8187)."""
    shown = safe_name(name)
    kind = "inline" if inline else "attachment"
    ascii_name = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode()
    fallback = "".join(mark if mark.isalnum() or mark in " .-_()" else "_" for mark in ascii_name).strip(". ")
    plain = f'{kind}; filename="{fallback or FALLBACK}"'
    if fallback == shown:
        return plain
    return f"{plain}; filename*=UTF-8''{quote(shown, safe=_HEADER_SAFE)}"
