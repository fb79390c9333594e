"""The lists of conversations: each view is one range scan per scope, merged; counts are capped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Value

from rapport.conversations.models import (
    Conversation,
    ConversationInbox,
    Draft,
    Folder,
    Mention,
    ReadMark,
)
from rapport.conversations.queries.access import conversations_for
from rapport.customers.queries.group import records_of
from rapport.kernel.db.prepared import Prepared, prepared
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach

PAGE = 50
TOGETHER = 500
"""Rows that a whole list is read by."""
MOST = 10_000
"""Rows of a whole list."""
COUNT_CAP = 1000
LONGEST_NUMBER = 18
_DRAFT = -1
"""Stands where the number of the last entry read does: the agent has a draft."""

COLUMNS = (
    "pk",
    "subject",
    "preview",
    "status",
    "priority",
    "kind",
    "folder",
    "last_message_at",
    "waiting_since",
    "snoozed_until",
    "has_files",
    "delivery_failed",
    "message_count",
    "last_seq",
    "news_seq",
    "tag_names",
    "assignee_id",
    "team_id",
    "brand_id",
    "inbox_id",
    "customer_id",
    "customer__name",
    "identity__value",
    "assignee__name",
    "team__name",
    "inbox__name",
    "brand__name",
    "brand__colour",
)


@dataclass(frozen=True)
class View:
    """A standard view: ``key`` is mine, unassigned, all, mentions, team-<id>, and the folder shown.

    With ``failed`` it shows what could not be delivered, whichever folder it is in.
    """

    key: str
    folder: Folder = Folder.OPEN
    team_id: int | None = None


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor in a URL; None where it is missing or malformed."""
        at, _, pk = text.partition("~")
        try:
            moment, last = datetime.fromisoformat(at), int(pk[:LONGEST_NUMBER])
            return cls(moment.astimezone(UTC), last) if moment.tzinfo is not None else None
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Scan:
    """A range scan in list order: ``rows`` of its ``values``, ``pk`` naming the conversation's id."""

    rows: Callable[..., QuerySet[Any]]
    values: tuple[Any, ...]
    pk: str = "pk"


def scans(agent: Agent, view: View) -> list[Scan]:
    """Return the range scans that together hold a view of this agent. Each uses one index."""
    if not agent.can(Permission.READ):
        return []
    if view.key == "mentions":
        return [Scan(_mentioned, (agent.pk,))]
    if view.key == "mine":
        return [Scan(_assigned_to, (agent.pk, view.folder))]
    if view.key == "failed":
        return _failed_scans(agent)
    unassigned = view.key == "unassigned"
    if view.team_id is not None:
        return [_team_scan(view.team_id, view.folder, unassigned=False)] if _team_allowed(agent, view) else []
    if agent.reach is Reach.ALL:
        return [Scan(_unassigned if unassigned else _in_folder, (view.folder,))]
    if agent.reach is Reach.MENTIONED:
        return scans(agent, View("mentions"))
    found = [_team_scan(team, view.folder, unassigned=unassigned) for team in sorted(agent.team_ids())]
    if agent.reach is Reach.BRANDS:
        rows = _unassigned_of_brand if unassigned else _of_brand
        copies = _unassigned_elsewhere if unassigned else _elsewhere
        for brand in sorted(agent.brand_ids()):
            found += [
                Scan(rows, (brand, view.folder)),
                Scan(copies, (brand, view.folder), "conversation_id"),
            ]
    return found


def _failed_scans(agent: Agent) -> list[Scan]:
    """Return the scans of the few that were not delivered: of their own teams and brands, which answer."""
    if agent.reach is Reach.ALL:
        return [Scan(_failed, ())]
    found = [Scan(_failed_of_team, (team,)) for team in sorted(agent.team_ids())]
    if agent.reach is Reach.BRANDS:
        found += [Scan(_failed_of_brand, (brand,)) for brand in sorted(agent.brand_ids())]
    return found


def _team_allowed(agent: Agent, view: View) -> bool:
    # A team may serve several brands, so the reach of a brand opens no team's list but one's own.
    return agent.reach is Reach.ALL or view.team_id in agent.team_ids()


def _team_scan(team_id: int, folder: Folder, *, unassigned: bool) -> Scan:
    return Scan(_unassigned_of_team if unassigned else _of_team, (team_id, folder), "conversation_id")


def _mentioned(agent_id: int) -> QuerySet[Conversation]:
    mentions = Mention.objects.filter(agent_id=agent_id).values("conversation_id")
    return Conversation.objects.filter(pk__in=mentions).exclude(folder=Folder.DELETED)


def _assigned_to(agent_id: int, folder: str) -> QuerySet[Conversation]:
    return Conversation.objects.filter(assignee_id=agent_id, folder=folder)


def _in_folder(folder: str) -> QuerySet[Conversation]:
    return Conversation.objects.filter(folder=folder)


def _unassigned(folder: str) -> QuerySet[Conversation]:
    return _in_folder(folder).filter(assignee__isnull=True)


def _of_brand(brand_id: int, folder: str) -> QuerySet[Conversation]:
    return _in_folder(folder).filter(brand_id=brand_id)


def _unassigned_of_brand(brand_id: int, folder: str) -> QuerySet[Conversation]:
    return _of_brand(brand_id, folder).filter(assignee__isnull=True)


def _failed() -> QuerySet[Conversation]:
    hidden = (Folder.SPAM, Folder.DELETED)
    return Conversation.objects.filter(delivery_failed=True).exclude(folder__in=hidden)


def _failed_of_team(team_id: int) -> QuerySet[Conversation]:
    return _failed().filter(team_id=team_id)


def _failed_of_brand(brand_id: int) -> QuerySet[Conversation]:
    return _failed().filter(brand_id=brand_id)


def _of_team(team_id: int, folder: str) -> QuerySet[ConversationInbox]:
    return ConversationInbox.objects.filter(team_id=team_id, folder=folder)


def _unassigned_of_team(team_id: int, folder: str) -> QuerySet[ConversationInbox]:
    return _of_team(team_id, folder).filter(assigned=False)


def _elsewhere(brand_id: int, folder: str) -> QuerySet[ConversationInbox]:
    return ConversationInbox.objects.filter(home=False, brand_id=brand_id, folder=folder)


def _unassigned_elsewhere(brand_id: int, folder: str) -> QuerySet[ConversationInbox]:
    return _elsewhere(brand_id, folder).filter(assigned=False)


def page(
    agent: Agent, view: View, *, cursor: Cursor | None = None, oldest_first: bool = False, size: int = PAGE
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """Return one page of rows (dicts of ``COLUMNS``, ``unread``, ``draft``) and where the next one begins.

    Among the mentions a row is unread while a mention in it was not looked at.
    """
    ids = _merged_ids(scans(agent, view), cursor, oldest_first=oldest_first, size=size + 1)
    more = len(ids) > size
    rows = rows_for(agent, ids[:size])
    if view.key == "mentions":
        named = set(_not_looked_at(agent).filter(conversation_id__in=ids))
        for row in rows:
            row["unread"] = row["pk"] in named
    after = Cursor(rows[-1]["last_message_at"], rows[-1]["pk"]) if more and rows else None
    return rows, after


def every(
    agent: Agent, view: View, *, oldest_first: bool = False, most: int = MOST
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a view page by page, at most ``most``; one that moves meanwhile comes once."""
    seen: set[int] = set()
    cursor: Cursor | None = None
    while len(seen) < most:
        rows, cursor = page(agent, view, cursor=cursor, oldest_first=oldest_first, size=TOGETHER)
        for row in rows:
            if row["pk"] not in seen and len(seen) < most:
                seen.add(row["pk"])
                yield row
        if cursor is None:
            return


def rows_for(agent: Agent, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return list rows for ids that the agent is known to see, in this order. Two queries.

    Whoever gave no name goes by their address.
    """
    if not ids:
        return []
    found = {row["pk"]: row for row in _columns(ids)}
    marks = _marks(agent.pk, ids)
    seen = {pk: seq for pk, seq in marks if seq != _DRAFT}
    drafts = {pk for pk, seq in marks if seq == _DRAFT}
    rows = [found[pk] for pk in ids if pk in found]
    for row in rows:
        row["customer__name"] = row["customer__name"] or row["identity__value"] or ""
        row["unread"] = row["news_seq"] > seen.get(row["pk"], 0)
        row["draft"] = row["pk"] in drafts
    return rows


@prepared
def _columns(ids: Sequence[int]) -> QuerySet[Conversation, dict[str, Any]]:
    found: QuerySet[Conversation, dict[str, Any]] = Conversation.objects.filter(pk__in=ids).values(*COLUMNS)
    return found


@prepared
def _marks(agent_id: int, ids: Sequence[int]) -> QuerySet[ReadMark, tuple[int, int]]:
    # What was read and what is half written, by one statement: every list asks for both.
    drafts = Draft.objects.filter(agent_id=agent_id, conversation_id__in=ids).annotate(none=Value(_DRAFT))
    read = ReadMark.objects.filter(agent_id=agent_id, conversation_id__in=ids)
    found: QuerySet[ReadMark, tuple[int, int]] = read.values_list("conversation_id", "seq").union(
        drafts.values_list("conversation_id", "none"), all=True
    )
    return found


def _merged_ids(parts: Sequence[Scan], cursor: Cursor | None, *, oldest_first: bool, size: int) -> list[int]:
    if not parts:
        return []
    # A copy in another inbox may name a conversation twice, so each of several scans gives some to spare.
    limit = size * 2 if len(parts) > 1 else size
    pieces: list[str] = []
    parameters: list[Any] = []
    for place, scan in enumerate(parts):
        walk = _walk(scan.rows, scan.pk, limit, oldest_first=oldest_first, resumed=cursor is not None)
        sql, values = walk.sql(*scan.values, *((cursor.at, cursor.pk) if cursor else ()))
        pieces.append(f"SELECT * FROM ({sql}) AS scan{place}")  # noqa: S608  built by the ORM
        parameters.extend(values)
    direction = "ASC" if oldest_first else "DESC"
    statement = " UNION ALL ".join(pieces) + f" ORDER BY 2 {direction}, 1 {direction}"
    with connection.cursor() as run:
        run.execute(statement, parameters)
        ids = list(dict.fromkeys(row[0] for row in run.fetchall()))
    return ids[:size]


@cache
def _walk(
    rows: Callable[..., QuerySet[Any]], pk: str, limit: int, *, oldest_first: bool, resumed: bool
) -> Prepared[..., Any]:
    """Return the statement of ids and moments along a scan; resumed, it takes the last row's at the end."""
    order = ("last_message_at", pk) if oldest_first else ("-last_message_at", f"-{pk}")

    def walk(*values: Any) -> QuerySet[Any, Any]:
        if resumed:
            *scanned, at, last = values
            found = _beyond(rows(*scanned), pk, at, last, oldest_first=oldest_first)
        else:
            found = rows(*values)
        return found.order_by(*order).values_list(pk, "last_message_at")[:limit]

    return prepared(walk)


def _beyond(rows: QuerySet[Any], pk: str, at: datetime, last: int, *, oldest_first: bool) -> QuerySet[Any]:
    side = "gt" if oldest_first else "lt"
    further = Q(**{f"last_message_at__{side}": at}) | Q(last_message_at=at, **{f"{pk}__{side}": last})
    return rows.filter(further).filter(**{f"last_message_at__{side}e": at})


def counts(agent: Agent, views: Sequence[View]) -> list[int]:
    """Return how many conversations each view holds, at most ``COUNT_CAP``, by one statement."""
    selects: list[str] = []
    parameters: list[Any] = []
    for view in views:
        pieces: list[str] = []
        for scan in scans(agent, view):
            sql, values = _capped(scan.rows, scan.pk).sql(*scan.values)
            pieces.append(f"SELECT * FROM ({sql}) AS part{len(pieces)}")  # noqa: S608  built by the ORM
            parameters.extend(values)
        union = " UNION ".join(pieces) or "SELECT 1 WHERE 1 = 0"
        selects.append(f"(SELECT COUNT(*) FROM ({union}) AS counted)")  # noqa: S608
    if not selects:
        return []
    with connection.cursor() as run:
        run.execute("SELECT " + ", ".join(selects), parameters)
        return [min(int(count), COUNT_CAP) for count in run.fetchone()]


@cache
def _capped(rows: Callable[..., QuerySet[Any]], pk: str) -> Prepared[..., Any]:
    return prepared(lambda *values: rows(*values).order_by().values_list(pk)[:COUNT_CAP])


def unread_mentions(agent: Agent) -> int:
    """Return how many rows of the mentions the agent has not looked at, at most ``COUNT_CAP``."""
    shown = _not_looked_at(agent).exclude(conversation__folder=Folder.DELETED)
    return shown.distinct()[:COUNT_CAP].count()


def _not_looked_at(agent: Agent) -> QuerySet[Mention, int]:
    return Mention.objects.filter(agent=agent, done_at=None).values_list("conversation_id", flat=True)


def of_person(
    agent: Agent, customer_id: int, *, but: int = 0, cursor: Cursor | None = None, size: int = 10
) -> tuple[list[dict[str, Any]], Cursor | None]:
    """Return a page of the person's conversations, whichever record they came to, that this agent may see."""
    found = _of_person(agent, customer_id, but)
    if cursor is not None:
        found = _beyond(found, "pk", cursor.at, cursor.pk, oldest_first=False)
    ids = list(found.order_by("-last_message_at", "-pk").values_list("pk", flat=True)[: size + 1])
    rows = rows_for(agent, ids[:size])
    after = Cursor(rows[-1]["last_message_at"], rows[-1]["pk"]) if len(ids) > size and rows else None
    return rows, after


def count_of_person(agent: Agent, customer_id: int, *, but: int = 0) -> int:
    """Return how many conversations of the person this agent may see."""
    return _of_person(agent, customer_id, but).count()


def _of_person(agent: Agent, customer_id: int, but: int) -> QuerySet[Conversation]:
    return conversations_for(agent).filter(customer_id__in=records_of([customer_id])).exclude(pk=but)
