"""Reading the search index."""

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from enum import StrEnum

from rapport.kernel.search.backend import Audience, Candidate, Wanted, chosen
from rapport.kernel.search.index import TIE_BITS, key_of
from rapport.kernel.search.query import After, Before, HasFile, Query
from rapport.kernel.search.scope import Rows, Scope, Sql, condition

STAFF = frozenset(Audience)
CUSTOMER = frozenset({Audience.PUBLIC})
WINDOW = 200
"""Candidates that relevance compares with each other: the newest ones that match."""
END = 1 << 62


class Order(StrEnum):
    """How results are sorted."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


@dataclass(frozen=True)
class Hit:
    """A document that matches. ``at`` is exact to the second."""

    kind: str
    object_id: int
    conversation_id: int | None
    audience: Audience
    at: datetime
    score: float


@dataclass(frozen=True)
class Results:
    """One page. ``next`` is what to pass as ``cursor`` for the page after it; None where there is none.

    ``count`` is how many hits were found from here on, and ``more`` that there are further ones: known
    without asking again, for a window is read to fill the page.
    """

    hits: tuple[Hit, ...]
    next: int | None
    count: int
    more: bool


def search(
    query: Query,
    *,
    scope: Scope,
    where: Rows | None = None,
    audiences: Collection[Audience] = STAFF,
    order: Order = Order.NEWEST,
    limit: int = 50,
    cursor: int | None = None,
    zone: tzinfo = UTC,
    one_per_conversation: bool = False,
) -> Results:
    """Return one page of what ``query`` finds for an asker who may see ``scope``.

    Words, phrases, ``from: to: subject: before: after: has:`` are answered here; ``tag:`` and ``is:``
    belong to the caller, who turns them into ``where`` (a queryset of conversations).

    Args:
        query: From `language.parse`.
        scope: What the asker may see; part of the candidate query itself.
        where: Further conditions that all hits fulfil.
        audiences: `STAFF`, or `CUSTOMER` where internal words must have no effect at all.
        order: Newest first, or the best of the newest `WINDOW`.
        limit: Hits on a page.
        cursor: ``next`` of the page before.
        zone: The asker's time zone, for days.
        one_per_conversation: Keep only the first hit of each conversation.

    """
    ranked = order is Order.RELEVANCE
    shown = condition(scope, _rows(query, where or Rows()))
    between = _times(query, zone, END if cursor is None or ranked else cursor)
    wanted = _wanted(query, shown, between, WINDOW if ranked or one_per_conversation else limit + 1)
    if ranked:
        return _best(wanted, sorted(audiences), first=cursor or 0, limit=limit, collapse=one_per_conversation)
    return _newest(wanted, sorted(audiences), limit=limit, collapse=one_per_conversation)


def _rows(query: Query, given: Rows) -> Rows:
    for term in query.terms:
        if isinstance(term, HasFile):
            given = replace(given, has_file=not term.negated)
    return given


def _wanted(query: Query, shown: Sql, between: tuple[int, int], limit: int) -> Wanted:
    (sql, parameters), (above, below) = shown, between
    return Wanted(
        audience=Audience.PUBLIC,
        texts=query.texts,
        condition=sql,
        parameters=parameters,
        above=above,
        below=below,
        limit=limit,
    )


def _times(query: Query, zone: tzinfo, cursor: int) -> tuple[int, int]:
    above, below = 0, cursor
    for term in query.terms:
        if isinstance(term, Before):
            below = min(below, key_of(datetime.combine(term.day, time(), zone)))
        if isinstance(term, After):
            above = max(above, key_of(datetime.combine(term.day, time(), zone)))
    return above, below


Found = tuple[Audience, Candidate]


def _best(
    wanted: Wanted, audiences: Sequence[Audience], *, first: int, limit: int, collapse: bool
) -> Results:
    """Return a page of the best of the window; here ``next`` counts the hits that were shown."""
    ranked = chosen().ranked
    lists = [
        [(audience, each) for each in ranked(replace(wanted, audience=audience))] for audience in audiences
    ]
    found = [each for some in lists for each in some]
    full = any(len(some) == wanted.limit for some in lists)
    kept = _distinct(sorted(found, key=lambda each: (-each[1].score, -each[1].id)), collapse=collapse)
    last = first + limit
    following = last if len(kept) > last else None
    return Results(tuple(_hit(each) for each in kept[first:last]), following, len(kept), full)


def _newest(wanted: Wanted, audiences: Sequence[Audience], *, limit: int, collapse: bool) -> Results:
    """Merge the indexes' candidates, join what belongs together and cut the page."""
    read = chosen().candidates
    lists = [
        [(audience, each) for each in read(replace(wanted, audience=audience))] for audience in audiences
    ]
    merged = list(heapq.merge(*lists, key=lambda each: -each[1].id))[: wanted.limit]
    kept = _distinct(merged, collapse=collapse)
    full = len(merged) == wanted.limit
    following = merged[-1][1].id if full else None
    if len(kept) > limit:
        following = kept[limit - 1][1].id
    return Results(tuple(_hit(each) for each in kept[:limit]), following, len(kept), full)


def _distinct(found: Sequence[Found], *, collapse: bool) -> list[Found]:
    seen: set[tuple[str, int]] = set()
    kept = []
    for audience, each in found:
        grouped = collapse and each.conversation_id is not None
        key = ("", each.conversation_id or 0) if grouped else (each.kind, each.object_id)
        if key not in seen:
            seen.add(key)
            kept.append((audience, each))
    return kept


def _hit(found: Found) -> Hit:
    audience, each = found
    at = datetime.fromtimestamp(each.id >> TIE_BITS, UTC)
    return Hit(each.kind, each.object_id, each.conversation_id, audience, at, each.score)
