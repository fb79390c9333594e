"""Which conversations an agent may see, and loading one of them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from rapport.conversations.models import Conversation, ConversationInbox, Follower, Mention
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel.db.prepared import prepared
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach


class NotFound(Exception):
    """There is no such conversation, or this agent may not see it: the answer is the same."""


def visible(agent: Agent) -> Q:
    """Return the condition on ``Conversation`` that keeps the rows this agent may see.

    A second inbox that it reached opens a conversation to that inbox's people. Assignment and mention open it
    to an agent whose reach would not.
    """
    if not agent.can(Permission.READ):
        return Q(pk__in=[])
    reach = agent.reach
    if reach is Reach.ALL:
        return Q()
    mentioned = Q(pk__in=Mention.objects.filter(agent=agent).values("conversation_id"))
    if reach is Reach.MENTIONED:
        return mentioned
    copied = Exists(_elsewhere(agent).filter(conversation=OuterRef("pk")))
    return _reached(agent) | Q(assignee_id=agent.pk) | mentioned | Q(copied)


def may_see(agent: Agent, conversation: Conversation) -> bool:
    """Tell whether this agent may see a conversation already loaded; at most two queries."""
    if not agent.can(Permission.READ):
        return False
    if agent.reach is Reach.ALL:
        return True
    if _open_to(agent, conversation.assignee_id, conversation.team_id, conversation.brand_id):
        return True
    if _mention(agent.pk, conversation.pk):
        return True
    return agent.reach is not Reach.MENTIONED and _elsewhere(agent).filter(conversation=conversation).exists()


def _open_to(agent: Agent, assignee_id: int | None, team_id: int | None, brand_id: int | None) -> bool:
    """Tell whether a conversation's own columns open it to an agent of limited reach."""
    if agent.reach is Reach.MENTIONED:
        return False
    if assignee_id == agent.pk or team_id in agent.team_ids():
        return True
    return agent.reach is Reach.BRANDS and brand_id in agent.brand_ids()


def conversations_for(agent: Agent) -> QuerySet[Conversation]:
    """Return the conversations that this agent may see."""
    return Conversation.objects.filter(visible(agent))


def conversation_for(agent: Agent, number: int) -> Conversation:
    """Load one conversation by the number people say; raises ``NotFound``."""
    conversation = _with_people.first(number - FIRST_NUMBER)
    if conversation is None or not may_see(agent, conversation):
        raise NotFound
    return conversation


def visible_rows(agent: Agent, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return which of these list rows this agent may see.

    A query is made only where neither team, brand nor assignee opens one: for a mention or a second inbox.
    """
    if not agent.can(Permission.READ):
        return []
    if agent.reach is Reach.ALL:
        return list(rows)
    seen = {row["pk"] for row in rows if _open_to(agent, row["assignee_id"], row["team_id"], row["brand_id"])}
    if unclear := [row["pk"] for row in rows if row["pk"] not in seen]:
        seen.update(conversations_for(agent).filter(pk__in=unclear).values_list("pk", flat=True))
    return [row for row in rows if row["pk"] in seen]


def raw_rows_for(agent: Agent) -> QuerySet[RawInbound]:
    """Return what came in through the inboxes of this agent's reach; permission is the caller's matter."""
    if agent.reach is Reach.ALL:
        return RawInbound.objects.all()
    return RawInbound.objects.filter(_reached(agent, "inbox__"))


def inboxes_for(agent: Agent) -> QuerySet[Inbox]:
    """Return the active inboxes that this agent may write from."""
    active = Inbox.objects.filter(active=True)
    if agent.reach is Reach.ALL:
        return active
    if agent.reach is Reach.MENTIONED:
        return active.none()
    return active.filter(_reached(agent))


def elsewhere_by_team(agent: Agent) -> QuerySet[ConversationInbox]:
    """Return the places away from home that lie with the agent's teams."""
    return ConversationInbox.objects.filter(home=False, team_id__in=agent.team_ids())


def elsewhere_by_brand(agent: Agent) -> QuerySet[ConversationInbox]:
    """Return the places away from home that lie with the agent's brands."""
    return ConversationInbox.objects.filter(home=False, brand_id__in=agent.brand_ids())


def _elsewhere(agent: Agent) -> QuerySet[ConversationInbox]:
    return ConversationInbox.objects.filter(_reached(agent), home=False)


def _reached(agent: Agent, inbox: str = "") -> Q:
    """Return the condition that a row lies in the agent's teams, or brands where they reach so far."""
    reached = Q(**{f"{inbox}team_id__in": agent.team_ids()})
    if agent.reach is Reach.BRANDS:
        reached |= Q(**{f"{inbox}brand_id__in": agent.brand_ids()})
    return reached


def follows(agent: Agent, conversation: Conversation) -> bool:
    """Tell whether the agent follows the conversation."""
    return bool(_follower(agent.pk, conversation.pk))


@prepared
def _with_people(pk: int) -> QuerySet[Conversation]:
    return Conversation.objects.select_related(
        "customer", "customer__company", "inbox", "brand", "team", "assignee", "identity"
    ).filter(pk=pk)


@prepared
def _follower(agent_id: int, conversation_id: int) -> QuerySet[Follower, int]:
    found = Follower.objects.filter(agent_id=agent_id, conversation_id=conversation_id)
    return found.values_list("pk", flat=True)[:1]


@prepared
def _mention(agent_id: int, conversation_id: int) -> QuerySet[Mention, int]:
    found = Mention.objects.filter(agent_id=agent_id, conversation_id=conversation_id)
    return found.values_list("pk", flat=True)[:1]
