"""Setting the status of a conversation."""

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.assign import free
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import SYSTEM, Actor, by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import StatusChanged
from rapport.conversations.models import ENDED, Conversation, Entry, Status
from rapport.conversations.queries.waiting import customer_waits_since
from rapport.conversations.timeline import append
from rapport.kernel.clock import now
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def change_status(
    conversation: Conversation, status: Status, *, actor: Actor = SYSTEM, caused_by: Entry | None = None
) -> Entry | None:
    """Change a locked conversation's status and append the entry; None where it had it already.

    The caller saves the state, so that one save carries all changes of an act.
    """
    before = Status(conversation.status)
    if before is status:
        return None
    conversation.status = status
    conversation.solved_at = now() if status in ENDED else None
    if status is Status.CLOSED and before is Status.SOLVED:
        conversation.solved_at = conversation.solved_at or now()
    if status in ENDED:
        conversation.waiting_since = None
        conversation.snoozed_until = None
    return append(
        conversation,
        "status.changed",
        StatusChanged(status=status, before=before),
        actor=actor,
        caused_by=caused_by,
    )


def set_status(
    *,
    agent: Agent,
    conversation_id: int,
    status: Status,
    token: int | None = None,
    only_from: Status | None = None,
) -> Conversation:
    """Set the status for an agent. Where it is reopened, a customer without an answer waits as before.

    With ``only_from`` nothing happens where it is another one by now.

    Raises:
        Conflict: somebody else changed it since ``token``.

    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="status", token=token, agent=agent)
        if only_from is not None and conversation.status != only_from:
            return conversation
        if conversation.status in ENDED and status not in ENDED:
            conversation.waiting_since = customer_waits_since(conversation)
        change_status(conversation, status, actor=by_agent(agent))
        if status not in ENDED:
            free(conversation)
        save_state(conversation)
    return conversation
