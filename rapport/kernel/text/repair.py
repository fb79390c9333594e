"""Bytes of unknown quality to clean text: charset names, wrong labels, broken sequences.

Pure and total: any bytes and any label give a string that is valid UTF-8 without NUL.
"""

import codecs
import re
from typing import NamedTuple

_ALIASES = {
    "": "us-ascii",
    "ascii": "us-ascii",
    "ansi_x3.4-1968": "us-ascii",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "8859_1": "cp1252",
    "ansi": "cp1252",
    "windows-1252": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "chinesebig5": "big5hkscs",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "koi8": "koi8-r",
    "koi8-ru": "koi8-u",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8-sig": "utf-8",
    "ucs-2": "utf-16",
    "unicode": "utf-16",
}
_SINGLE_BYTE_WESTERN = frozenset({"us-ascii", "cp1252", "iso-8859-15", "cp1254"})
_NOT_TEXT = frozenset(
    {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem"}
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]+")
_NO_CONTROLS = dict.fromkeys([*range(9), 0x0B, *range(0x0E, 0x20), 0x7F])
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NAME = re.compile(r"[^a-z0-9_.:\-]+")
_ESCAPE_2022 = re.compile(rb"\x1b(?:\$[@B(]|\([BJI])")
_SAMPLE_BYTES = 4096


class Decoded(NamedTuple):
    """A decoded text, the charset that was really used, and the defect found, or an empty string."""

    text: str
    charset: str
    defect: str


def codec_name(label: str | None) -> str | None:
    """Return the codec for a charset label found in a mail, or None when Python has none for text."""
    name = _NAME.sub("", (label or "").lower().split("'")[0])[:64]
    name = _ALIASES.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name.replace("-", "_") in _NOT_TEXT:
        return None
    return name


def clean(text: str) -> str:
    """Return the text without control characters (tab and line ends stay) and lone surrogates."""
    if text.isascii():
        return text.translate(_NO_CONTROLS)
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
        text = _SURROGATES.sub("�", text)
    return text


def decode(data: bytes, charset: str | None = None) -> str:
    """Decode bytes with a declared charset, repairing wrong or missing labels; never raises."""
    return decode_noting(data, charset).text


def decode_noting(data: bytes, charset: str | None = None) -> Decoded:
    """Decode like `decode`, and tell which charset was used and what was wrong."""
    declared = (charset or "").strip().strip("\"'").lower()
    if (
        data.isascii()
        and not _ESCAPE_2022.search(data)
        and declared[:5] not in ("utf-7", "unico", "hz-gb", "utf-1")
    ):
        return Decoded(clean(data.decode("ascii")), "us-ascii", "")
    bom = _by_mark(data)
    if bom is not None:
        return bom
    name = codec_name(declared)
    if name is None:
        return _guess(data, f"unknown charset {declared[:40]}")
    if name in _SINGLE_BYTE_WESTERN:
        utf8 = _strict(data, "utf-8")
        if utf8 is not None:
            return Decoded(
                utf8, "utf-8", f"labelled {declared}, is utf-8" if declared else "charset not named"
            )
        if name == "us-ascii":
            return _guess(data, f"labelled {declared}, is not" if declared else "charset not named")
        text = data.decode(name, "replace") if name != "cp1252" else _western(data)
        return Decoded(clean(text), name, "")
    found = _strict(data, name)
    if found is not None:
        return Decoded(found, name, "")
    return _broken(data, declared, name)


def _by_mark(data: bytes) -> Decoded | None:
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    for mark, name in marks:
        if data.startswith(mark):
            text = _strict(data, name)
            return None if text is None else Decoded(text, name, "")
    return None


def _strict(data: bytes, name: str) -> str | None:
    try:
        return clean(data.decode(name))
    except (ValueError, LookupError):
        return None


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except ValueError:
        return data.decode("latin-1")


def _broken(data: bytes, declared: str, name: str) -> Decoded:
    utf8 = None if name == "utf-8" else _strict(data, "utf-8")
    if utf8 is not None:
        return Decoded(utf8, "utf-8", f"labelled {declared}, is utf-8")
    try:
        text = clean(data.decode(name, "replace"))
    except (ValueError, LookupError):
        return _guess(data, f"labelled {declared}, is not")
    bad = text.count("�")
    if bad * 12 > len(text) or (name == "utf-8" and bad * 3 >= _high(data)):
        return _guess(data, f"labelled {declared}, is not")
    return Decoded(text, name, f"broken {declared}")


def _high(data: bytes) -> int:
    return len(data) - len(data.translate(None, bytes(range(128, 256))))


def _guess(data: bytes, defect: str) -> Decoded:
    for candidate in ("utf-8", "iso2022_jp_ext") if _ESCAPE_2022.search(data) else ("utf-8",):
        text = _strict(data, candidate)
        if text is not None:
            return Decoded(text, candidate, defect)
    name = _statistical(data) if _high(data) * 4 > len(data) and _high(data) >= 12 else None
    if name is not None:
        return Decoded(clean(data.decode(name, "replace")), name, defect)
    cut = data.decode("utf-8", "replace")
    if _high(data) > 8 and cut.count("�") * 4 < len(cut) - len(cut.encode("ascii", "ignore")):
        return Decoded(clean(cut), "utf-8", defect)
    return Decoded(clean(_western(data)), "cp1252", defect)


def _cyrillic(data: bytes) -> str | None:
    for name in ("cp1251", "koi8-r"):
        letters = [letter for letter in data[:_SAMPLE_BYTES].decode(name, "ignore") if letter > "\x7f"]
        lower = sum(1 for letter in letters if "а" <= letter <= "ё")
        common = sum(1 for letter in letters if letter in "оеаинтОЕАИНТ")
        if lower * 5 > len(letters) * 4 and common * 20 > len(letters) * 7:
            return name
    return None


def _statistical(data: bytes) -> str | None:
    cyrillic = _cyrillic(data)
    if cyrillic is not None:
        return cyrillic
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES], steps=3, chunk_size=512, preemptive_behaviour=False).best()
    return codec_name(best.encoding) if best is not None else None
