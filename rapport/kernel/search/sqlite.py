"""The word index on SQLite: one FTS5 table per audience, ``rowid`` = document id."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from rapport.kernel.search.backend import Audience, Candidate, SearchBackend, Wanted, Words, fetch
from rapport.kernel.search.query import Field, Text

_COLUMNS = {
    Field.SUBJECT: "subject",
    Field.SENDER: "sender",
    Field.RECIPIENTS: "recipients",
    Field.ANY: "body",
}
_LOOKED_AT: dict[Field, tuple[str, ...]] = {
    Field.ANY: tuple(_COLUMNS.values()),
    Field.WRITTEN: ("subject", "sender", "body"),
    **{field: (name,) for field, name in _COLUMNS.items() if field is not Field.ANY},
}
_WEIGHTS = (8.0, 4.0, 1.0, 1.0)
_INDEXED_PREFIX = 3
"""Letters of the prefixes that the tables index by themselves."""
_MOST_READ = 400
_STEP_PAGES = 16
_SEGMENTS = 4
_FOUND = (
    "search_document.id, search_document.kind, search_document.object_id, search_document.conversation_id"
)


def _phrase(text: Text) -> str:
    # Words come out of normalise() and hold letters, digits and underscores only: nothing can end the quotes.
    quoted = f'"{" ".join(text.words)}"' + ("*" if text.prefix else "")
    return quoted if text.field is Field.ANY else f"{{{' '.join(_LOOKED_AT[text.field])}}} : {quoted}"


def match_expression(texts: Sequence[Text]) -> str:
    """Return the FTS5 expression for ``texts``; empty where no term is positive."""
    positive = " AND ".join(_phrase(text) for text in texts if not text.negated)
    negative = " OR ".join(_phrase(text) for text in texts if text.negated)
    return f"({positive}) NOT ({negative})" if positive and negative else positive


class Fts5(SearchBackend):
    """FTS5 tables ``search_public`` and ``search_internal`` hold normalised words, split at blanks only."""

    def put(self, id_: int, audience: Audience, given: Words) -> None:
        """See the base class."""
        tokens = given.tokens()
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO search_{audience} (rowid, subject, sender, recipients, body) "
                "VALUES (%s, %s, %s, %s, %s)",
                [id_, *(" ".join(tokens[name]) for name in _COLUMNS)],
            )

    def drop(self, id_: int) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
            for audience in Audience:
                cursor.execute(f"DELETE FROM search_{audience} WHERE rowid = %s", [id_])

    def candidates(self, wanted: Wanted) -> list[Candidate]:
        """See the base class."""
        return [Candidate(*row[:4]) for row in _newest(wanted, _FOUND)]

    def ranked(self, wanted: Wanted) -> list[Candidate]:
        """See the base class. FTS5's own bm25() reads every hit of the whole table; this reads the window."""
        positive = [text for text in wanted.texts if not text.negated]
        if not positive:
            return self.candidates(wanted)
        found = [
            replace(Candidate(*row[:4]), score=_score(row[4:], positive))
            for row in _newest(wanted, f"{_FOUND}, {_texts_of(wanted)}")
        ]
        return sorted(found, key=lambda each: (-each.score, -each.id))

    def wipe(self) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            for audience in Audience:
                cursor.execute(f"DELETE FROM search_{audience}")
                # Else every later merge carries the marks of what was deleted.
                cursor.execute(f"INSERT INTO search_{audience} (search_{audience}) VALUES ('optimize')")

    def merge(self) -> bool:
        """See the base class. FTS5 never parts the places of one word: a common one makes a larger step."""
        return any(_merge(audience) for audience in Audience)

    @contextmanager
    def filling(self) -> Iterator[None]:
        """See the base class. Merging as one writes costs less than in steps of their own transactions."""
        _merge_as_one_writes(_SEGMENTS)
        yield
        _merge_as_one_writes(0)

    def purge(self) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
            for audience in Audience:
                cursor.execute(f"INSERT INTO search_{audience} (search_{audience}) VALUES ('optimize')")
            # The write-ahead log still holds the pages as they were.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _texts_of(wanted: Wanted) -> str:
    return ", ".join(f"search_{wanted.audience}.{name}" for name in _COLUMNS.values())


def _newest(wanted: Wanted, columns: str) -> list[Any]:
    """Return the rows that match, newest first; more columns than asked for may come along.

    FTS5 collects all hits of a prefix before it gives the first, but walks along a whole word, or a prefix as
    short as its own index of prefixes, newest first. Where the word as typed fills the page, only documents
    newer than its last row can add to it: few enough to be looked at.
    """
    if not _long_prefixes(wanted):
        return fetch(*_statement(wanted, columns))
    whole = replace(wanted, texts=[replace(text, prefix=False) for text in wanted.texts])
    rows = fetch(*_statement(whole, columns))
    if len(rows) == wanted.limit:
        oldest = replace(wanted, above=max(wanted.above, rows[-1][0]))
        among = _beginning_alike(oldest)
        if among is not None:
            longer = _with_longer_words(oldest, columns, among - {row[0] for row in rows})
            return sorted(rows + longer, key=lambda row: -row[0])[: wanted.limit]
    return fetch(*_statement(wanted, columns))


def _long_prefixes(wanted: Wanted) -> list[Text]:
    positive = [text for text in wanted.texts if text.prefix and not text.negated]
    return [text for text in positive if len(text.words[-1]) > _INDEXED_PREFIX]


def _beginning_alike(wanted: Wanted) -> set[int] | None:
    """Return documents that may match by the first letters of their words; None where too many do."""
    texts = [
        replace(text, words=(*text.words[:-1], text.words[-1][:_INDEXED_PREFIX])) if text.prefix else text
        for text in wanted.texts
    ]
    # Without NOT: to skip what it excludes, FTS5 would walk on beyond the bounds.
    expression = match_expression([text for text in texts if not text.negated])
    table = f"search_{wanted.audience}"
    found = fetch(
        f"SELECT rowid FROM {table} WHERE {table} MATCH %s AND rowid < %s AND rowid >= %s "
        "ORDER BY rowid DESC LIMIT %s",
        [expression, wanted.below, wanted.above, _MOST_READ],
    )
    return {row[0] for row in found} if len(found) < _MOST_READ else None


def _with_longer_words(wanted: Wanted, columns: str, among: set[int]) -> list[Any]:
    """Return those rows of ``among`` that match."""
    if not among:
        return []
    table = f"search_{wanted.audience}"
    rows = fetch(
        f"SELECT {columns}, {_texts_of(wanted)} FROM {table} CROSS JOIN search_document "
        f"ON search_document.id = {table}.rowid "
        f"WHERE {table}.rowid IN ({', '.join(map(str, among))}) AND {wanted.condition}",
        wanted.parameters,
    )
    return [
        row
        for row in rows
        if all(_stands_in(row[-len(_COLUMNS) :], text) is not text.negated for text in wanted.texts)
    ]


def _stands_in(columns: Sequence[str], text: Text) -> bool:
    """Tell whether words of the index hold a term, as FTS5 would."""
    found = dict(zip(_COLUMNS.values(), columns, strict=True))
    return any(text.stands_in(found[name]) for name in _LOOKED_AT[text.field])


def _merge_as_one_writes(segments: int) -> None:
    """Let FTS5 merge so many segments of one size by itself; 0 for never."""
    # The savepoint makes it write down, by the rule so far, what was indexed before.
    with transaction.atomic(), connection.cursor() as cursor:
        for audience in Audience:
            cursor.execute(
                f"INSERT INTO search_{audience} (search_{audience}, rank) VALUES ('automerge', %s)",
                [segments],
            )


def _merge(audience: Audience) -> bool:
    with connection.cursor() as cursor:
        before = connection.connection.total_changes
        cursor.execute(
            f"INSERT INTO search_{audience} (search_{audience}, rank) VALUES ('merge', %s)", [_STEP_PAGES]
        )
        # The statement itself counts as one change (FTS5's manual).
        return bool(connection.connection.total_changes - before > 1)


def _statement(wanted: Wanted, columns: str) -> tuple[str, list[Any]]:
    table = f"search_{wanted.audience}"
    expression = match_expression(wanted.texts)
    bounds = [wanted.below, wanted.above]
    if expression:
        # CROSS JOIN keeps the word index outermost: it yields its hits by descending rowid without sorting.
        return (
            f"SELECT {columns} FROM {table} CROSS JOIN search_document ON search_document.id = {table}.rowid "
            f"WHERE {table} MATCH %s AND {table}.rowid < %s AND {table}.rowid >= %s AND {wanted.condition} "
            f"ORDER BY {table}.rowid DESC LIMIT %s",
            [expression, *bounds, *wanted.parameters, wanted.limit],
        )
    excluded = " OR ".join(_phrase(text) for text in wanted.texts)
    without = f"AND search_document.id NOT IN (SELECT rowid FROM {table} WHERE {table} MATCH %s) "
    return (
        f"SELECT {columns} FROM search_document WHERE search_document.in_{wanted.audience} "
        f"AND search_document.id < %s AND search_document.id >= %s {without if excluded else ''}"
        f"AND {wanted.condition} ORDER BY search_document.id DESC LIMIT %s",
        [*bounds, *([excluded] if excluded else []), *wanted.parameters, wanted.limit],
    )


def _score(columns: Sequence[str], texts: Sequence[Text]) -> float:
    """Weigh how often each term stands in each field, with less for every repetition and for long fields."""
    total = 0.0
    for text, weight in zip(columns, _WEIGHTS, strict=True):
        padded = f" {text} "
        for term in texts:
            needle = f" {' '.join(term.words)}" + ("" if term.prefix else " ")
            times = padded.count(needle)
            total += weight * math.log1p(times) / math.log(8 + len(text))
    return total
