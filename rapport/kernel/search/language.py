"""The query language: words, "phrases", ``from: to: subject: tag: is: has: before: after:`` and ``-``
before any; ``status:`` is another word for ``is:``.

Pure, linear in the length of the input, and never raising: whatever cannot be understood becomes a `Problem`.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from rapport.kernel.search.query import (
    After,
    Before,
    Doubt,
    Field,
    HasFile,
    Is,
    Problem,
    Query,
    State,
    Tag,
    Term,
    Text,
)
from rapport.kernel.text.normalise import words

MAX_CHARACTERS = 500
MAX_TERMS = 20
MIN_PREFIX = 3
"""Shorter last words are taken as they are: too much begins with two letters."""

_KEYS = frozenset({"from", "to", "subject", "tag", "is", "status", "has", "before", "after"})
_FIELDS = {"from": Field.SENDER, "to": Field.RECIPIENTS, "subject": Field.SUBJECT}
_KEY = re.compile(r"([a-zA-Z]{2,7}):")
_UNKNOWN = re.compile(r"[a-zA-Z]{2,}:[^\s/\":]")
"""What looks like a key of this language and is none; an address of the web does not."""
_PLAIN = re.compile(r'[^\s"]+')
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


@dataclass(frozen=True)
class _Piece:
    """One blank-separated part of the input: ``-key:"value"`` with all but the value optional."""

    key: str
    value: str
    closed: bool
    negated: bool
    start: int
    end: int


def parse(text: str, *, states: Collection[State] = tuple(State)) -> Query:
    """Return what ``text`` asks for; ``is:`` knows the given states and no other."""
    problems: list[Problem] = []
    if len(text) > MAX_CHARACTERS:
        problems.append(Problem(Doubt.TOO_LONG, MAX_CHARACTERS, len(text), ""))
        text = text[:MAX_CHARACTERS]
    terms: list[Term] = []
    for piece in _pieces(text):
        if len(terms) == MAX_TERMS:
            problems.append(Problem(Doubt.TOO_MANY, piece.start, len(text), text[piece.start :]))
            break
        if not piece.closed:
            problems.append(_problem(Doubt.UNCLOSED_QUOTE, piece, text))
        if not piece.key and _UNKNOWN.match(text, piece.start + piece.negated):
            problems.append(_problem(Doubt.UNKNOWN_KEY, piece, text))
        meant = _meaning(piece, states)
        if isinstance(meant, Doubt):
            problems.append(_problem(meant, piece, text))
        else:
            terms.append(meant)
    return Query(_open_ended(terms, text), tuple(problems))


def _problem(doubt: Doubt, piece: _Piece, text: str) -> Problem:
    return Problem(doubt, piece.start, piece.end, text[piece.start : piece.end])


def _open_ended(terms: list[Term], text: str) -> tuple[Term, ...]:
    """Let the last word go on, as long as it is still being typed: no quote or blank after it."""
    last = terms[-1] if terms else None
    typing = text[-1:] not in {"", '"'} and not text[-1:].isspace()
    if isinstance(last, Text) and typing and not last.negated and len(last.words[-1]) >= MIN_PREFIX:
        terms[-1] = replace(last, prefix=True)
    return tuple(terms)


def _pieces(text: str) -> Iterator[_Piece]:
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        piece = _piece(text, place)
        yield piece
        place = piece.end


def _piece(text: str, start: int) -> _Piece:
    place = start
    negated = text[place] == "-"
    place += negated
    found = _KEY.match(text, place)
    key = found[1].lower() if found and found[1].lower() in _KEYS else ""
    if found and key:
        place = found.end()
    if text[place : place + 1] == '"':
        closing = text.find('"', place + 1)
        closed = closing >= 0
        stop = closing if closed else len(text)
        return _Piece(key, text[place + 1 : stop], closed, negated, start, stop + closed)
    plain = _PLAIN.match(text, place)
    end = plain.end() if plain else place
    return _Piece(key, text[place:end], closed=True, negated=negated, start=start, end=max(end, start + 1))


def _meaning(piece: _Piece, states: Collection[State]) -> Term | Doubt:
    value = piece.value.strip()
    if piece.key and not value:
        return Doubt.MISSING_VALUE
    match piece.key:
        case "tag":
            return Tag(value, piece.negated)
        case "is" | "status":
            state = next((each for each in states if each == value.lower()), None)
            return Is(state, piece.negated) if state else Doubt.UNKNOWN_STATE
        case "has":
            return HasFile(piece.negated) if value.lower() in {"file", "files"} else Doubt.UNKNOWN_THING
        case "before" | "after":
            return _day_term(piece.key, value, piece.negated)
        case _:
            return _text(piece, value)


def _text(piece: _Piece, value: str) -> Text | Doubt:
    found = tuple(words(value))
    if not found:
        return Doubt.NOTHING_SEARCHABLE
    # A lone Chinese or Japanese character stands in no bigram by itself, but begins some.
    lone = len(found) == 1 and len(found[0]) == 1 and not found[0].isascii()
    return Text(found, _FIELDS.get(piece.key, Field.ANY), prefix=lone, negated=piece.negated)


def _day_term(key: str, value: str, negated: bool) -> Term | Doubt:
    day = _day(value)
    if day is None:
        return Doubt.BAD_DATE
    return Before(day) if (key == "before") != negated else After(day)


def _day(value: str) -> date | None:
    try:
        if found := _ISO.fullmatch(value):
            return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        if found := _DOTTED.fullmatch(value):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None
