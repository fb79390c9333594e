"""Searching what an agent may see.

Our own addresses stand among the recipients of most messages: there, their words are found by ``to:`` alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import F, QuerySet, Value
from django.utils import timezone

from rapport.conversations.models import (
    Conversation,
    Folder,
    Mention,
    Message,
    Note,
    ReadMark,
    SideMessage,
    Status,
)
from rapport.conversations.queries.access import elsewhere_by_brand, elsewhere_by_team, visible_rows
from rapport.conversations.queries.lists import MOST, rows_for
from rapport.conversations.searching import FOLDER_NUMBERS, MESSAGE, NOTE, SIDE
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.kernel.db.prepared import prepared
from rapport.kernel.search.query import Field, Is, Query, State, Tag, Term, Text
from rapport.kernel.search.scope import EVERYTHING, NOTHING, Rows, Scope
from rapport.kernel.search.search import WINDOW, Hit, Order
from rapport.kernel.search.search import search as run
from rapport.kernel.search.snippets import MARK, marked, snippet
from rapport.kernel.text.normalise import normalise
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach

PAGE = 30
_HIDDEN = {State.SPAM: Folder.SPAM, State.DELETED: Folder.DELETED}
"""What is found only where it is asked for."""


@dataclass(frozen=True)
class Found:
    """One conversation found: its list row and the words that matched, as safe HTML with ``<mark>``."""

    row: dict[str, Any]
    subject: str
    customer: str
    snippet: str
    kind: str
    """What the words stand in: ``message``, ``note`` or ``side``."""
    at: datetime
    """When they were written; by it, hits are sorted."""


@dataclass(frozen=True)
class FoundPage:
    """One page of what was found. ``after`` is where the next one begins.

    ``count`` is how many conversations there are from the first of a list on; with ``more`` there are others.
    """

    found: list[Found]
    after: int | None = None
    count: int = 0
    more: bool = False


def states_for(agent: Agent) -> tuple[State, ...]:
    """Return what ``is:`` may ask for; what is deleted is known only to those who may delete."""
    deleting = agent.can(Permission.DELETE)
    return tuple(state for state in State if deleting or state is not State.DELETED)


def find(agent: Agent, query: Query, *, cursor: int | None = None, by_relevance: bool = False) -> FoundPage:
    """Return one page of conversations with the matching words."""
    results = run(
        _without_our_addresses(query),
        scope=scope_of(agent),
        where=_where(agent, query),
        order=Order.RELEVANCE if by_relevance else Order.NEWEST,
        limit=PAGE,
        cursor=cursor,
        zone=timezone.get_current_timezone(),
        one_per_conversation=True,
    )
    rows = {row["pk"]: row for row in _rows(agent, _conversations_of(results.hits))}
    hits = [hit for hit in results.hits if hit.conversation_id in rows]
    texts = _texts(hits)
    found = [
        _shown(rows[hit.conversation_id], hit, texts.get((hit.kind, hit.object_id), ("", "")), query)
        for hit in hits
    ]
    # What the agent may not see any more is not counted either.
    return FoundPage(found, results.next, results.count - len(results.hits) + len(found), results.more)


def find_rows(agent: Agent, query: Query, *, zone: tzinfo, most: int = MOST) -> Iterator[dict[str, Any]]:
    """Yield the list rows of everything that is found, the newest words first, at most ``most``.

    ``zone`` is that of the days asked for: while an answer is streamed, the asker's is not set any more.
    """
    seen: set[int] = set()
    cursor: int | None = None
    words = _without_our_addresses(query)
    while len(seen) < most:
        results = run(
            words,
            scope=scope_of(agent),
            where=_where(agent, query),
            limit=WINDOW,
            cursor=cursor,
            zone=zone,
            one_per_conversation=True,
        )
        new = [pk for pk in _conversations_of(results.hits) if pk not in seen][: most - len(seen)]
        seen.update(new)
        yield from _rows(agent, new)
        cursor = results.next
        if cursor is None:
            return


def _without_our_addresses(query: Query) -> Query:
    """Let words that stand in an address of ours be looked for elsewhere than in the recipients."""
    if not query.texts:
        return query
    ours = [normalise(address) for address in own_addresses()]

    def aside(term: Term) -> Term:
        if isinstance(term, Text) and term.field is Field.ANY and any(map(term.stands_in, ours)):
            return replace(term, field=Field.WRITTEN)
        return term

    return replace(query, terms=tuple(aside(term) for term in query.terms))


def _rows(agent: Agent, ids: Sequence[int]) -> list[dict[str, Any]]:
    # The index follows a change of team after a moment: its word alone shows nothing to anybody.
    return visible_rows(agent, rows_for(agent, ids))


def _conversations_of(hits: Sequence[Hit]) -> list[int]:
    return [hit.conversation_id for hit in hits if hit.conversation_id is not None]


def scope_of(agent: Agent) -> Scope:
    """Return what of the index this agent may see; the same rule as ``access.visible``."""
    if not agent.can(Permission.READ):
        return NOTHING
    if agent.reach is Reach.ALL:
        return EVERYTHING
    mentioned = Rows(conversations=Mention.objects.filter(agent=agent).values("conversation_id"))
    if agent.reach is Reach.MENTIONED:
        return Scope((mentioned,))
    own = Rows(conversations=Conversation.objects.filter(assignee=agent).values("pk"))
    teams = Rows(teams=agent.team_ids())
    copied = Rows(conversations=elsewhere_by_team(agent).values("conversation_id"))
    if agent.reach is Reach.TEAMS:
        return Scope((teams, copied, own, mentioned))
    of_brands = Rows(conversations=elsewhere_by_brand(agent).values("conversation_id"))
    return Scope((Rows(brands=agent.brand_ids()), teams, copied, of_brands, own, mentioned))


def _where(agent: Agent, query: Query) -> Rows:
    conversations = Conversation.objects.all()
    asked = False
    for term in query.terms:
        if isinstance(term, Tag):
            named = Conversation.tags.through.objects.filter(tag__name__iexact=term.name).values(
                "conversation_id"
            )
            conversations = (
                conversations.exclude(pk__in=named) if term.negated else conversations.filter(pk__in=named)
            )
            asked = True
        if isinstance(term, Is) and term.state not in _HIDDEN:
            conversations = _state(agent, conversations, term)
            asked = True
    return Rows(folders=_folders(agent, query), conversations=conversations.values("pk") if asked else None)


def _folders(agent: Agent, query: Query) -> list[int]:
    """Return the folders to look into: all but the hidden ones, or the hidden one that is asked for."""
    asked = {
        term.state
        for term in query.terms
        if isinstance(term, Is) and not term.negated and term.state in _HIDDEN
    }
    if not asked:
        return [number for folder, number in FOLDER_NUMBERS.items() if folder not in _HIDDEN.values()]
    allowed = len(asked) == 1 and asked <= {*states_for(agent)}
    return [FOLDER_NUMBERS[_HIDDEN[state]] for state in asked] if allowed else []


def _state(agent: Agent, conversations: Any, term: Is) -> Any:
    conditions: dict[State, dict[str, object]] = {
        State.NEW: {"status": Status.NEW},
        State.OPEN: {"folder": Folder.OPEN},
        State.WAITING: {"status": Status.WAITING},
        State.ON_HOLD: {"status": Status.ON_HOLD},
        State.SNOOZED: {"folder": Folder.SNOOZED},
        State.SOLVED: {"folder": Folder.SOLVED},
        State.CLOSED: {"status": Status.CLOSED},
        State.UNASSIGNED: {"assignee__isnull": True},
        State.MINE: {"assignee": agent},
        State.FAILED: {"delivery_failed": True},
    }
    condition = conditions.get(term.state)
    if condition is None:
        seen = ReadMark.objects.filter(agent=agent, seq__gte=F("conversation__news_seq")).values(
            "conversation_id"
        )
        return conversations.filter(pk__in=seen) if term.negated else conversations.exclude(pk__in=seen)
    return conversations.exclude(**condition) if term.negated else conversations.filter(**condition)


def _shown(row: dict[str, Any], hit: Hit, words: tuple[str, str], query: Query) -> Found:
    """Return what shows why a row was found; a message's own subject where only that one tells."""
    own_subject, text = words
    subject, body = marked(row["subject"], query, Field.SUBJECT), snippet(text, query)
    if MARK not in subject + body and MARK in (told := marked(own_subject, query, Field.SUBJECT)):
        body = told
    customer = marked(row["customer__name"], query, Field.SENDER)
    return Found(row, subject, customer, body, hit.kind, hit.at)


def _texts(hits: list[Hit]) -> dict[tuple[str, int], tuple[str, str]]:
    texts = {}
    for kind, read in _READERS.items():
        ids = [hit.object_id for hit in hits if hit.kind == kind]
        if ids:
            for pk, subject, text in read(ids):
                texts[(kind, pk)] = (subject, text)
    return texts


@prepared
def _message_texts(ids: list[int]) -> QuerySet[Message, tuple[int, str, str]]:
    return Message.objects.filter(pk__in=ids).values_list("pk", "subject", "text")


@prepared
def _note_texts(ids: list[int]) -> QuerySet[Note, tuple[int, str, str]]:
    return Note.objects.filter(pk__in=ids).values_list("pk", Value(""), "text")


@prepared
def _side_texts(ids: list[int]) -> QuerySet[SideMessage, tuple[int, str, str]]:
    return SideMessage.objects.filter(pk__in=ids).values_list("pk", "subject", "text")


_READERS = {MESSAGE: _message_texts, NOTE: _note_texts, SIDE: _side_texts}
