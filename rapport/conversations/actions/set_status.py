"""Setting the status of a conversation."""

from datetime import datetime

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
from rapport.kernel.stream.kinds import from_json, kind
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def change_status(
    conversation: Conversation,
    status: Status,
    *,
    actor: Actor = SYSTEM,
    caused_by: Entry | None = None,
    solved_at: datetime | None = None,
) -> Entry | None:
    """Change a locked conversation's status and append the entry; None where it had it already.

    ``solved_at`` is when it had been solved, where that comes back. The caller saves the state, so that one
    save carries all changes of an act.
    """
    before = Status(conversation.status)
    if before is status:
        return None
    ended = status in ENDED
    changed = StatusChanged(
        status=status,
        before=before,
        solved_at=conversation.solved_at,
        snoozed_until=conversation.snoozed_until if ended else None,
    )
    conversation.status = status
    conversation.solved_at = (solved_at or now()) if ended else None
    if ended:
        conversation.waiting_since = None
        conversation.snoozed_until = None
    return append(conversation, "status.changed", changed, actor=actor, caused_by=caused_by)


def told_by(change: Entry) -> StatusChanged:
    """Return what the entry about a change of status tells."""
    told: StatusChanged = from_json(kind(change.kind), change.payload)
    return told


def set_status(
    *,
    agent: Agent,
    conversation_id: int,
    status: Status,
    token: int | None = None,
    only_from: Status | None = None,
) -> Conversation:
    """Set the status for an agent. Where it is reopened, a customer without an answer waits as before.

    With ``only_from`` it takes a change back, so that what was solved is solved since then; nothing happens
    where it is another one by now.

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
        solved_at = _solved_before(conversation, status) if only_from is not None else None
        change_status(conversation, status, actor=by_agent(agent), solved_at=solved_at)
        if status not in ENDED:
            free(conversation)
        save_state(conversation)
    return conversation


def _solved_before(conversation: Conversation, status: Status) -> datetime | None:
    """Return since when it had been solved or closed, where the last change ended that."""
    changes = Entry.objects.filter(conversation=conversation, kind="status.changed")
    last = changes.order_by("-seq").first()
    told = told_by(last) if last is not None else None
    return told.solved_at if told is not None and told.before is status else None
