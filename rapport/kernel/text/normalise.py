"""One form of text for search: documents and queries must both pass through `normalise`."""

import re
import unicodedata

_OWN_MARKS = "ऀ-෿฀-໿က-႟ក-៿゙゚"
_WORD = re.compile(rf"[\w{_OWN_MARKS}]+")
_MARK_RANGES = ((0x300, 0x8FF), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
_COMBINING = (chr(each) for first, last in _MARK_RANGES for each in range(first, last + 1))
_MARKS = re.compile(f"[{''.join(each for each in _COMBINING if unicodedata.combining(each))}]+")
_WIDE = "⺀-⿟぀-ヿ㄰-㆏㐀-䶿一-鿿ꥠ-꥿가-힣豈-﫿𠀀-𯿿"
_RUN = re.compile(rf"[{_WIDE}]+|[^{_WIDE}]+")
_IS_WIDE = re.compile(rf"[{_WIDE}]")
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def fold(text: str) -> str:
    """Return the text case-folded, in compatibility form, without marks (ß becomes ss)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = _MARKS.sub("", decomposed)
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def words(text: str) -> list[str]:
    """Return the words of a text in search form; a run of Chinese, Japanese or Korean becomes its bigrams."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word.isascii() or not _IS_WIDE.search(word):
            found.append(word)
        else:
            for run in _RUN.findall(word):
                found.extend(_bigrams(run) if _IS_WIDE.match(run) else [run])
    return found


def normalise(text: str) -> str:
    """Return the search form of a text: its `words`, joined by single spaces."""
    return " ".join(words(text))


def _bigrams(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    return [run[place : place + 2] for place in range(len(run) - 1)]
