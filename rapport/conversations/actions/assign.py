"""Giving a conversation to a person or a team."""

from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from rapport.conversations import conflicts
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import SYSTEM, Actor, by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Assigned, TeamChanged
from rapport.conversations.models import Conversation, Entry
from rapport.conversations.searching import index_state
from rapport.conversations.timeline import append
from rapport.kernel.db.prepared import prepared
from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Permission


class NotAssignable(Exception):
    """This person cannot have conversations: disabled, or a collaborator who only notes."""


def change_assignee(
    conversation: Conversation,
    assignee: Agent | None,
    *,
    actor: Actor = SYSTEM,
    caused_by: Entry | None = None,
) -> Entry | None:
    """Change a locked conversation's assignee and append the entry; None where nothing changes."""
    before = conversation.assignee_id
    after = assignee.pk if assignee else None
    if before == after:
        return None
    conversation.assignee = assignee
    return append(
        conversation,
        "assigned",
        Assigned(agent_id=after, before_id=before),
        actor=actor,
        caused_by=caused_by,
        topics=[f"agent:{pk}" for pk in (before, after) if pk],
    )


def free(conversation: Conversation) -> None:
    """Take a locked conversation that comes back from an assignee who cannot answer any more."""
    assignee = _assignee.first(conversation.assignee_id) if conversation.assignee_id else None
    if assignee is not None and not assignee.can(Permission.REPLY):
        change_assignee(conversation, None)


@prepared
def _assignee(pk: int) -> QuerySet[Agent]:
    return Agent.objects.filter(pk=pk)


def assign(
    *, agent: Agent, conversation_id: int, assignee: Agent | None, token: int | None = None
) -> Conversation:
    """Give the conversation to a person, or to nobody.

    Raises:
        NotAssignable: the person cannot have conversations.
        Conflict: somebody else assigned it since ``token``.

    """
    if assignee is not None and not assignee.can(Permission.REPLY):
        raise NotAssignable(assignee.name)
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="assign", token=token, agent=agent)
        change_assignee(conversation, assignee, actor=by_agent(agent))
        save_state(conversation)
    return conversation


def assign_team(*, agent: Agent, conversation_id: int, team: Team, token: int | None = None) -> Conversation:
    """Give the conversation to a team; an assignee who is not in that team loses it. Raises ``Conflict``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="assign", token=token, agent=agent)
        if _change_team(conversation, team, agent):
            assignee = conversation.assignee
            if assignee is not None and team.pk not in assignee.team_ids():
                change_assignee(conversation, None, actor=by_agent(agent))
        save_state(conversation)
    return conversation


def assign_both(
    *, agent: Agent, conversation_id: int, team: Team, assignee: Agent | None, token: int | None = None
) -> Conversation:
    """Give the conversation to a team and to a person, who need not be in it.

    Raises:
        NotAssignable: the person cannot have conversations.
        Conflict: somebody else assigned it since ``token``.

    """
    if assignee is not None and not assignee.can(Permission.REPLY):
        raise NotAssignable(assignee.name)
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="assign", token=token, agent=agent)
        _change_team(conversation, team, agent)
        change_assignee(conversation, assignee, actor=by_agent(agent))
        save_state(conversation)
    return conversation


def _change_team(conversation: Conversation, team: Team, agent: Agent) -> bool:
    """Change a locked conversation's team and append the entry; False where it has it already."""
    before = conversation.team_id
    if before == team.pk:
        return False
    conversation.team = team
    append(
        conversation,
        "team.changed",
        TeamChanged(team_id=team.pk, before_id=before),
        actor=by_agent(agent),
        topics=[f"team:{before}"],
    )
    # Its new team searches at once, and the reaction may wait behind others. Not in this transaction: whoever
    # indexes its words holds their lock, and may want its row. Where it fails, the reaction makes it good.
    transaction.on_commit(partial(index_state, conversation.pk), robust=True)
    return True
