"""What both databases' word indexes offer; `chosen()` returns the one of the running database."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from django.db import connection

from rapport.kernel.search.query import Field, Text
from rapport.kernel.text.normalise import words

MAX_WORDS = 16_000
"""Words of one field that are indexed; PostgreSQL counts no positions beyond 16,383."""
MAX_WORD = 100
MAX_TEXT = 250_000
"""Characters of one field in which those words are looked for."""


class Audience(StrEnum):
    """Which of the two indexes: words that a customer may see, or words for staff only."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The text of a document by field, as people wrote it."""

    subject: str = ""
    sender: str = ""
    recipients: str = ""
    body: str = ""

    def tokens(self) -> dict[Field, list[str]]:
        """Return the search form of each field."""
        given = {
            Field.SUBJECT: self.subject,
            Field.SENDER: self.sender,
            Field.RECIPIENTS: self.recipients,
            Field.ANY: self.body,
        }
        return {
            name: [word[:MAX_WORD] for word in words(text[:MAX_TEXT])[:MAX_WORDS]]
            for name, text in given.items()
        }


@dataclass(frozen=True)
class Wanted:
    """One request for candidates: newest first, ids below ``below``, at most ``limit`` of them."""

    audience: Audience
    texts: Sequence[Text]
    condition: str
    parameters: Sequence[Any]
    below: int
    limit: int
    above: int = 0


@dataclass(frozen=True, order=True)
class Candidate:
    """A document that matches; ``score`` is filled by `SearchBackend.ranked` only."""

    id: int
    kind: str
    object_id: int
    conversation_id: int | None
    score: float = field(default=0.0, compare=False)


class SearchBackend(ABC):
    """The word index of one database. All calls but `purge` belong into the caller's transaction."""

    @abstractmethod
    def put(self, id_: int, audience: Audience, given: Words) -> None:
        """Index the words of a document that is not in this index."""

    @abstractmethod
    def drop(self, id_: int) -> None:
        """Take a document out of both indexes."""

    @abstractmethod
    def candidates(self, wanted: Wanted) -> list[Candidate]:
        """Return matching documents, newest first."""

    @abstractmethod
    def ranked(self, wanted: Wanted) -> list[Candidate]:
        """Return the newest ``limit`` matching documents, best first."""

    @abstractmethod
    def wipe(self) -> None:
        """Empty both indexes."""

    @abstractmethod
    def merge(self) -> bool:
        """Do a small part of the work that `put` leaves for later; return whether there was any."""

    def filling(self) -> AbstractContextManager[None]:
        """Many documents are put one after the other, in one transaction that is open around it."""
        return nullcontext()

    @abstractmethod
    def purge(self) -> None:
        """Rewrite the indexes so that words of dropped documents are nowhere on disk; outside a
        transaction."""


@cache
def _of(vendor: str) -> SearchBackend:
    if vendor == "sqlite":
        from rapport.kernel.search.sqlite import Fts5

        return Fts5()
    from rapport.kernel.search.postgresql import TextVectors

    return TextVectors()


def chosen() -> SearchBackend:
    """Return the backend of the running database."""
    return _of(connection.vendor)


def fetch(sql: str, parameters: Sequence[Any]) -> list[Any]:
    """Run a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
