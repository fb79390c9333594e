"""The part of a text that shows why it was found, with the matches marked, safe to put in a page."""

import re
from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from rapport.kernel.search.query import Field, Query, Text
from rapport.kernel.text.normalise import words

READ = 20_000
"""Characters of a text that are looked through."""
WIDTH = 160
MARK = "<mark>"

_WORD = re.compile(r"\w+")
_BLANK = re.compile(r"\s+")


def snippet(text: str, query: Query, *, width: int = WIDTH) -> SafeString:
    """Return about ``width`` characters of ``text`` around the first match, as HTML with ``<mark>``.

    Without a match: its beginning. All of ``text`` is escaped.
    """
    plain, places = _found(text, query, Field.ANY)
    start, end = _around(plain, places[0] if places else (0, 0), width)
    html = _html(plain, places, start, end)
    return mark_safe(("… " if start else "") + html + (" …" if end < len(plain) else ""))  # noqa: S308


def marked(text: str, query: Query, field: Field) -> SafeString:
    """Return the whole of a short text as HTML, with ``<mark>`` around what was looked for in this field."""
    plain, places = _found(text, query, field)
    return mark_safe(_html(plain, places, 0, len(plain)))  # noqa: S308


def _found(text: str, query: Query, field: Field) -> tuple[str, list[tuple[int, int]]]:
    """Return the text on one line, and where terms that look at this field, among others, stand in it."""
    plain = _BLANK.sub(" ", text[:READ]).strip()
    looking = {Field.ANY, Field.WRITTEN, field}
    terms = [term for term in query.texts if not term.negated and term.field in looking]
    return plain, _matches(plain, terms)


def _html(plain: str, places: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Return a part of the text with its matches marked. All of it is escaped; only <mark> is ours."""
    shown, last = [], start
    for first, after in places:
        if first >= last and after <= end:
            shown += [escape(plain[last:first]), MARK, escape(plain[first:after]), "</mark>"]
            last = after
    shown.append(escape(plain[last:end]))
    return "".join(shown)


def _matches(text: str, terms: Sequence[Text]) -> list[tuple[int, int]]:
    """Return where terms stand in ``text``, ordered, without overlaps."""
    tokens = _tokens(text)
    beginnings = tuple(term.words[0] for term in terms if term.words)
    found = []
    for place, (token, _start, _end) in enumerate(tokens):
        if not token.startswith(beginnings):
            continue
        longest = max((length for term in terms if (length := _length(tokens, place, term))), default=0)
        if longest:
            found.append((tokens[place][1], tokens[place + longest - 1][2]))
    return _joined(found)


def _tokens(text: str) -> list[tuple[str, int, int]]:
    """Return the words of ``text`` in search form, each with where it stands."""
    if text.isascii():
        return [(found[0].lower(), found.start(), found.end()) for found in _WORD.finditer(text)]
    return [
        (token, found.start(), found.end()) for found in _WORD.finditer(text) for token in words(found[0])
    ]


def _length(tokens: Sequence[tuple[str, int, int]], place: int, term: Text) -> int:
    """Return how many tokens from ``place`` on are the term; 0 where it does not stand there."""
    count = len(term.words)
    if place + count > len(tokens):
        return 0
    for offset, wanted in enumerate(term.words):
        token = tokens[place + offset][0]
        last = offset == count - 1
        if token != wanted and not (last and term.prefix and token.startswith(wanted)):
            return 0
    return count


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for first, after in places:
        if kept and first < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], after))
        else:
            kept.append((first, after))
    return kept


def _around(text: str, match: tuple[int, int], width: int) -> tuple[int, int]:
    start = max(match[0] - width // 3, 0)
    if start:
        start = text.find(" ", start, match[0]) + 1 or start
    end = min(max(start + width, match[1]), len(text))
    if end < len(text):
        blank = text.rfind(" ", match[1], end)
        end = blank if blank > match[1] else end
    return start, end
