"""Searching what an agent may see."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from rapport.conversations.models import Conversation, Folder, Mention, Message, Note, ReadMark, SideMessage
from rapport.conversations.queries.lists import rows_for
from rapport.conversations.searching import FOLDER_NUMBERS, MESSAGE, NOTE, SIDE
from rapport.kernel.db.prepared import prepared
from rapport.kernel.search.query import Is, Query, State, Tag
from rapport.kernel.search.scope import EVERYTHING, NOTHING, Rows, Scope
from rapport.kernel.search.search import Hit, Order
from rapport.kernel.search.search import search as run
from rapport.kernel.search.snippets import snippet
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach

PAGE = 30
_SHOWN = [number for folder, number in FOLDER_NUMBERS.items() if folder not in {Folder.DELETED, Folder.SPAM}]


@dataclass(frozen=True)
class Found:
    """One conversation found: its list row and the words that matched, as safe HTML."""

    row: dict[str, Any]
    snippet: str
    kind: str
    """What the words stand in: ``message``, ``note`` or ``side``."""


def find(
    agent: Agent, query: Query, *, cursor: int | None = None, by_relevance: bool = False
) -> tuple[list[Found], int | None]:
    """Return one page of conversations with the matching words, and where the next page begins."""
    results = run(
        query,
        scope=scope_of(agent),
        where=_where(agent, query),
        order=Order.RELEVANCE if by_relevance else Order.NEWEST,
        limit=PAGE,
        cursor=cursor,
        zone=timezone.get_current_timezone(),
        one_per_conversation=True,
    )
    hits = [hit for hit in results.hits if hit.conversation_id is not None]
    ids = [hit.conversation_id for hit in hits if hit.conversation_id is not None]
    rows = {row["pk"]: row for row in rows_for(agent, ids)}
    texts = _texts(hits)
    return [
        Found(
            row=rows[hit.conversation_id],
            snippet=snippet(texts.get((hit.kind, hit.object_id), ""), query),
            kind=hit.kind,
        )
        for hit in hits
        if hit.conversation_id in rows
    ], results.next


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
    if agent.reach is Reach.BRANDS:
        return Scope((Rows(brands=agent.brand_ids()), teams, own, mentioned))
    joined = Rows(
        conversations=Conversation.objects.filter(
            places__team_id__in=agent.team_ids(), places__home=False
        ).values("pk")
    )
    return Scope((teams, joined, own, mentioned))


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
        if isinstance(term, Is):
            conversations = _state(agent, conversations, term)
            asked = True
    return Rows(folders=_SHOWN, conversations=conversations.values("pk") if asked else None)


def _state(agent: Agent, conversations: Any, term: Is) -> Any:
    conditions: dict[State, dict[str, object]] = {
        State.OPEN: {"folder": Folder.OPEN},
        State.SOLVED: {"folder": Folder.SOLVED},
        State.UNASSIGNED: {"assignee__isnull": True},
        State.MINE: {"assignee": agent},
    }
    condition = conditions.get(term.state)
    if condition is None:
        seen = ReadMark.objects.filter(agent=agent, seq__gte=F("conversation__news_seq")).values(
            "conversation_id"
        )
        return conversations.filter(pk__in=seen) if term.negated else conversations.exclude(pk__in=seen)
    return conversations.exclude(**condition) if term.negated else conversations.filter(**condition)


def _texts(hits: list[Hit]) -> dict[tuple[str, int], str]:
    texts = {}
    for kind, read in _READERS.items():
        ids = [hit.object_id for hit in hits if hit.kind == kind]
        if ids:
            for pk, text in read(ids):
                texts[(kind, pk)] = text
    return texts


@prepared
def _message_texts(ids: list[int]) -> QuerySet[Message, tuple[int, str]]:
    return Message.objects.filter(pk__in=ids).values_list("pk", "text")


@prepared
def _note_texts(ids: list[int]) -> QuerySet[Note, tuple[int, str]]:
    return Note.objects.filter(pk__in=ids).values_list("pk", "text")


@prepared
def _side_texts(ids: list[int]) -> QuerySet[SideMessage, tuple[int, str]]:
    return SideMessage.objects.filter(pk__in=ids).values_list("pk", "text")


_READERS = {MESSAGE: _message_texts, NOTE: _note_texts, SIDE: _side_texts}
