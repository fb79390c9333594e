"""Whose documents may be found, as data that goes into the candidate query itself."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

Ids = Collection[int | None]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Documents for which every given condition holds; None asks nothing, an empty collection finds nothing.

    ``conversations`` is a collection of ids or a queryset that yields one column of them. A None among the
    ids means documents without one.
    """

    kinds: Collection[str] | None = None
    teams: Ids | None = None
    brands: Ids | None = None
    inboxes: Ids | None = None
    folders: Collection[int] | None = None
    conversations: "Ids | QuerySet[Any, Any] | None" = None
    not_conversations: "QuerySet[Any, Any] | None" = None
    has_file: bool | None = None


@dataclass(frozen=True)
class Scope:
    """What the asker may see: documents in any of these. No alternatives: nothing."""

    any_of: tuple[Rows, ...]


EVERYTHING = Scope((Rows(),))
NOTHING = Scope(())

Sql = tuple[str, list[Any]]


def condition(scope: Scope, where: Rows) -> Sql:
    """Return both as one SQL condition on the columns of ``search_document``, with its parameters."""
    alternatives = [_rows(rows) for rows in scope.any_of]
    if not alternatives:
        return "0 = 1", []
    return _joined(" AND ", [_joined(" OR ", alternatives), _rows(where)])


def _joined(word: str, parts: Sequence[Sql]) -> Sql:
    return (
        "(" + word.join(sql for sql, _ in parts) + ")",
        [value for _, values in parts for value in values],
    )


def _rows(rows: Rows) -> Sql:
    parts: list[Sql] = []
    if rows.kinds is not None:
        parts.append(_among("kind", rows.kinds))
    for column, ids in (("team_id", rows.teams), ("brand_id", rows.brands), ("inbox_id", rows.inboxes)):
        if ids is not None:
            parts.append(_among(column, ids))
    if rows.folders is not None:
        parts.append(_among("folder", rows.folders))
    if rows.conversations is not None:
        parts.append(_conversations(rows.conversations))
    if rows.not_conversations is not None:
        sql, values = _subquery(rows.not_conversations)
        parts.append((f"(search_document.conversation_id IS NULL OR NOT {sql})", values))
    if rows.has_file is not None:
        parts.append(("search_document.has_file = %s", [rows.has_file]))
    return _joined(" AND ", parts) if parts else ("1 = 1", [])


def _conversations(given: "Ids | QuerySet[Any, Any]") -> Sql:
    return _subquery(given) if isinstance(given, QuerySet) else _among("conversation_id", given)


def _subquery(queryset: "QuerySet[Model, Any]") -> Sql:
    try:
        sql, values = queryset.order_by().query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "0 = 1", []
    return f"search_document.conversation_id IN ({sql})", list(values)


def _among(column: str, values: Iterable[object]) -> Sql:
    wanted = list(values)
    real = [value for value in wanted if value is not None]
    sql = f"search_document.{column} IN ({', '.join(['%s'] * len(real))})" if real else "0 = 1"
    return (f"({sql} OR search_document.{column} IS NULL)" if None in wanted else sql), real
