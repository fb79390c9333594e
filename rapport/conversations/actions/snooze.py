"""Setting a conversation aside until a time, and waking it."""

from datetime import datetime

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.lock import lock, lock_for
from rapport.conversations.actors import SYSTEM, Actor, by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Snoozed, Woken
from rapport.conversations.models import Conversation, Entry
from rapport.conversations.timeline import append
from rapport.kernel.clock import now
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


class NotInFuture(Exception):
    """The time to wake up is not in the future."""


def snooze(*, agent: Agent, conversation_id: int, until: datetime, token: int | None = None) -> Conversation:
    """Set the conversation aside until ``until``; a customer's message wakes it earlier.

    Raises:
        NotInFuture: the time has passed.
        Conflict: somebody else snoozed or woke it, or changed its status, since ``token``.

    """
    if until <= now():
        raise NotInFuture
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="snooze", token=token, agent=agent)
        begin_snooze(conversation, until, actor=by_agent(agent))
        save_state(conversation)
    return conversation


def begin_snooze(
    conversation: Conversation, until: datetime, *, actor: Actor, caused_by: Entry | None = None
) -> None:
    """Set a locked conversation aside; the caller saves."""
    conversation.snoozed_until = until
    append(conversation, "snoozed", Snoozed(until=until), actor=actor, caused_by=caused_by)


def wake(*, agent: Agent, conversation_id: int, token: int | None = None) -> Conversation:
    """End the snooze now; raises ``Conflict`` as ``snooze`` does."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="snooze", token=token, agent=agent)
        end_snooze(conversation, actor=by_agent(agent))
        save_state(conversation)
    return conversation


def end_snooze(conversation: Conversation, *, actor: Actor = SYSTEM, by_customer: bool = False) -> None:
    """End the snooze of a locked conversation, if there is one; the caller saves."""
    if conversation.snoozed_until is None:
        return
    conversation.snoozed_until = None
    append(conversation, "woken", Woken(by_customer=by_customer), actor=actor)


def wake_due() -> int:
    """Wake every conversation whose time has come; returns how many. Run by cron."""
    due = Conversation.objects.filter(snoozed_until__lte=now()).values_list("pk", flat=True)
    woken = 0
    # In the order of the index: by id, SQLite would rather read the whole table than sort, twice a minute.
    for pk in due.order_by("snoozed_until"):
        with transaction.atomic():
            conversation = lock(pk)
            if conversation.snoozed_until is not None and conversation.snoozed_until <= now():
                end_snooze(conversation)
                save_state(conversation)
                woken += 1
    return woken
