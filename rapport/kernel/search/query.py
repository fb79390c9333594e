"""What a person asks for, as data: terms with their meaning, and what could not be understood."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Field(StrEnum):
    """Which part of a document a text term looks at."""

    ANY = "any"
    WRITTEN = "written"
    """Subject, sender and body."""
    SUBJECT = "subject"
    SENDER = "sender"
    RECIPIENTS = "recipients"


class State(StrEnum):
    """What ``is:`` may ask for."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    SNOOZED = "snoozed"
    SOLVED = "solved"
    CLOSED = "closed"
    SPAM = "spam"
    DELETED = "deleted"
    UNASSIGNED = "unassigned"
    MINE = "mine"
    UNREAD = "unread"
    FAILED = "failed"


class Doubt(StrEnum):
    """Why a part of the input was left out or read in a guessed way."""

    UNCLOSED_QUOTE = "unclosed_quote"
    MISSING_VALUE = "missing_value"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_THING = "unknown_thing"
    UNKNOWN_KEY = "unknown_key"
    BAD_DATE = "bad_date"
    NOTHING_SEARCHABLE = "nothing_searchable"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Text:
    """Words that must stand next to each other in this order; ``prefix``: the last may go on."""

    words: tuple[str, ...]
    field: Field = Field.ANY
    prefix: bool = False
    negated: bool = False

    def stands_in(self, text: str) -> bool:
        """Tell whether a text in search form (`normalise`) holds these words."""
        needle = f" {' '.join(self.words)}" + ("" if self.prefix else " ")
        return needle in f" {text} "


@dataclass(frozen=True)
class Tag:
    """A tag by its name as typed."""

    name: str
    negated: bool = False


@dataclass(frozen=True)
class Is:
    """A state of the conversation."""

    state: State
    negated: bool = False


@dataclass(frozen=True)
class HasFile:
    """At least one file."""

    negated: bool = False


@dataclass(frozen=True)
class Before:
    """Earlier than the start of this day, in the asker's time zone."""

    day: date


@dataclass(frozen=True)
class After:
    """On this day or later, in the asker's time zone."""

    day: date


Term = Text | Tag | Is | HasFile | Before | After


@dataclass(frozen=True)
class Problem:
    """A part of the input that was not understood: characters ``start`` to ``end`` of what was typed."""

    doubt: Doubt
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Query:
    """All terms must hold. ``problems`` are to be shown; the terms are what can be searched nevertheless."""

    terms: tuple[Term, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def texts(self) -> tuple[Text, ...]:
        """The terms that the word index answers."""
        return tuple(term for term in self.terms if isinstance(term, Text))

    @property
    def empty(self) -> bool:
        """True where nothing was asked."""
        return not self.terms
