"""The word index on SQLite: one FTS5 table per audience, ``rowid`` = document id."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from rapport.kernel.search.backend import Audience, Candidate, SearchBackend, Wanted, Words, fetch
from rapport.kernel.search.query import Field, Text

_COLUMNS = {
    Field.SUBJECT: "subject",
    Field.SENDER: "sender",
    Field.RECIPIENTS: "recipients",
    Field.ANY: "body",
}
_WEIGHTS = (8.0, 4.0, 1.0, 1.0)
_FOUND = (
    "search_document.id, search_document.kind, search_document.object_id, search_document.conversation_id"
)


def _phrase(text: Text) -> str:
    # Words come out of normalise() and hold letters, digits and underscores only: nothing can end the quotes.
    quoted = f'"{" ".join(text.words)}"' + ("*" if text.prefix else "")
    return quoted if text.field is Field.ANY else f"{{{_COLUMNS[text.field]}}} : {quoted}"


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
        sql, parameters = _statement(wanted, _FOUND)
        return [Candidate(*row) for row in fetch(sql, parameters)]

    def ranked(self, wanted: Wanted) -> list[Candidate]:
        """See the base class. FTS5's own bm25() reads every hit of the whole table; this reads the window."""
        positive = [text for text in wanted.texts if not text.negated]
        if not positive:
            return self.candidates(wanted)
        columns = ", ".join(f"search_{wanted.audience}.{name}" for name in _COLUMNS.values())
        sql, parameters = _statement(wanted, f"{_FOUND}, {columns}")
        found = [
            replace(Candidate(*row[:4]), score=_score(row[4:], positive)) for row in fetch(sql, parameters)
        ]
        return sorted(found, key=lambda each: (-each.score, -each.id))

    def wipe(self) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            for audience in Audience:
                cursor.execute(f"DELETE FROM search_{audience}")
                # Else every later merge carries the marks of what was deleted.
                cursor.execute(f"INSERT INTO search_{audience} (search_{audience}) VALUES ('optimize')")

    def purge(self) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
            for audience in Audience:
                cursor.execute(f"INSERT INTO search_{audience} (search_{audience}) VALUES ('optimize')")
            # The write-ahead log still holds the pages as they were.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


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
