"""The word index on PostgreSQL: one table of text vectors per audience with a GIN index, ``id`` = document
id."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rapport.kernel.search.backend import Audience, Candidate, SearchBackend, Wanted, Words, fetch
from rapport.kernel.search.query import Field, Text

PROBED = 600
"""Newest documents that are looked through first; they tell how common the words are."""
COMMON = 18
"""So many hits among the probed (3 %) make it cheaper to walk on than to fetch and sort all hits from GIN."""
RECENT = 8_000
"""Newest documents that are walked through for common words before GIN is asked."""

_LABELS = {Field.SUBJECT: "A", Field.SENDER: "B", Field.RECIPIENTS: "C", Field.ANY: "D"}
_LOOKED_AT = {**_LABELS, Field.ANY: "", Field.WRITTEN: "ABD"}
_FOUND = (
    "search_document.id, search_document.kind, search_document.object_id, search_document.conversation_id"
)
_LAST_POSITION = 16_383


def _phrase(text: Text) -> str:
    # Words come out of normalise() and hold letters, digits and underscores only: nothing can end the quotes.
    label = _LOOKED_AT[text.field]
    ends = [label] * len(text.words)
    ends[-1] = ("*" if text.prefix else "") + label
    parts = [f"'{word}'" + (f":{end}" if end else "") for word, end in zip(text.words, ends, strict=True)]
    return f"({' <-> '.join(parts)})"


def match_expression(texts: Sequence[Text]) -> str:
    """Return the ``tsquery`` for ``texts``; all terms must hold."""
    return " & ".join(("!" if text.negated else "") + _phrase(text) for text in texts)


def vector(given: Words) -> str:
    """Return the ``tsvector`` literal: own words with positions, the field as weight label, no stemming."""
    places: dict[str, list[str]] = {}
    position = 0
    for name, tokens in given.tokens().items():
        for word in tokens:
            position = min(position + 1, _LAST_POSITION)
            places.setdefault(word, []).append(f"{position}{_LABELS[name]}")
        # A gap, so that no phrase runs from one field into the next.
        position = min(position + 2, _LAST_POSITION)
    # PostgreSQL keeps 255 places of a word.
    return " ".join(f"'{word}':{','.join(found[:255])}" for word, found in places.items())


class TextVectors(SearchBackend):
    """Tables ``search_public`` and ``search_internal`` hold one vector per document."""

    def put(self, id_: int, audience: Audience, given: Words) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO search_{audience} (id, vector) VALUES (%s, %s::tsvector)", [id_, vector(given)]
            )

    def drop(self, id_: int) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            for audience in Audience:
                cursor.execute(f"DELETE FROM search_{audience} WHERE id = %s", [id_])

    def candidates(self, wanted: Wanted) -> list[Candidate]:
        """See the base class."""
        return [Candidate(*row) for row in self._newest(wanted, _FOUND)]

    def ranked(self, wanted: Wanted) -> list[Candidate]:
        """See the base class."""
        if not any(not text.negated for text in wanted.texts):
            return self.candidates(wanted)
        rank = f"ts_rank('{{0.1, 0.1, 0.4, 1.0}}', search_{wanted.audience}.vector, asked.query, 1)"
        found = [Candidate(*row) for row in self._newest(wanted, f"{_FOUND}, {rank}")]
        return sorted(found, key=lambda each: (-each.score, -each.id))

    def wipe(self) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE search_public, search_internal")

    def merge(self) -> bool:
        """See the base class. GIN keeps new words in a list that every search reads through."""
        indexes = ", ".join(
            f"gin_clean_pending_list('search_{audience}_vector'::regclass)" for audience in Audience
        )
        fetch(f"SELECT {indexes}", [])
        return False

    def purge(self) -> None:
        """See the base class."""
        with connection.cursor() as cursor:
            cursor.execute("VACUUM search_public, search_internal")
            # Vacuum leaves the words themselves in the upper part of a GIN index.
            for audience in Audience:
                cursor.execute(f"REINDEX INDEX CONCURRENTLY search_{audience}_vector")

    def _newest(self, wanted: Wanted, columns: str) -> list[Any]:
        """Look through the newest documents first: a common word is found there without touching its other
        hits.

        Only a word that is rare there is then looked up in GIN, which has to fetch and sort everything it
        finds.
        """
        if not wanted.texts:
            return _plain(wanted, columns)
        probed = self._recent(wanted, columns, PROBED)
        if len(probed) >= wanted.limit:
            return probed
        if len(probed) >= COMMON:
            recent = self._recent(wanted, columns, RECENT)
            if len(recent) >= wanted.limit:
                return recent
        return self._all(wanted, columns)

    def _recent(self, wanted: Wanted, columns: str, newest: int) -> list[Any]:
        table = f"search_{wanted.audience}"
        return fetch(
            f"SELECT {columns} FROM (SELECT id, vector FROM {table} WHERE id < %s AND id >= %s "
            f"ORDER BY id DESC LIMIT {newest}) AS {table} "
            f"CROSS JOIN (SELECT %s::tsquery AS query) AS asked {_documents(table)} "
            f"WHERE {table}.vector @@ asked.query AND {wanted.condition} "
            f"ORDER BY {table}.id DESC LIMIT %s",
            [wanted.below, wanted.above, match_expression(wanted.texts), *wanted.parameters, wanted.limit],
        )

    def _all(self, wanted: Wanted, columns: str) -> list[Any]:
        table = f"search_{wanted.audience}"
        expression = match_expression(wanted.texts)
        again = f"JOIN {table} ON {table}.id = hits.id " if f"{table}.vector" in columns else ""
        # Materialised, so that the planner cannot walk the key backwards through the whole table instead.
        return fetch(
            f"WITH found AS MATERIALIZED (SELECT id FROM {table} "
            "WHERE vector @@ %s::tsquery AND id < %s AND id >= %s) "
            f"SELECT {columns} FROM (SELECT id FROM found ORDER BY id DESC) AS hits {again}"
            f"CROSS JOIN (SELECT %s::tsquery AS query) AS asked {_documents('hits')} "
            f"WHERE {wanted.condition} ORDER BY hits.id DESC LIMIT %s",
            [expression, wanted.below, wanted.above, expression, *wanted.parameters, wanted.limit],
        )


def _documents(hits: str) -> str:
    # OFFSET 0 keeps the planner from merging the hits with a walk through all documents: each is looked up
    # by its key, newest first, until the limit is reached.
    return (
        f"CROSS JOIN LATERAL (SELECT * FROM search_document WHERE search_document.id = {hits}.id OFFSET 0) "
        "AS search_document"
    )


def _plain(wanted: Wanted, columns: str) -> list[Any]:
    return fetch(
        f"SELECT {columns} FROM search_document WHERE search_document.in_{wanted.audience} "
        "AND search_document.id < %s AND search_document.id >= %s "
        f"AND {wanted.condition} ORDER BY search_document.id DESC LIMIT %s",
        [wanted.below, wanted.above, *wanted.parameters, wanted.limit],
    )
