"""Marking a conversation as spam, deleting it, and undoing both."""

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Flagged
from rapport.conversations.models import Conversation
from rapport.conversations.timeline import append
from rapport.kernel.clock import now
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def mark_spam(
    *, agent: Agent, conversation_id: int, spam: bool = True, token: int | None = None
) -> Conversation:
    """Move the conversation to the spam view, or back; raises ``Conflict``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="spam", token=token, agent=agent)
        if conversation.spam is not spam:
            conversation.spam = spam
            kind = "spam.marked" if spam else "spam.unmarked"
            append(conversation, kind, Flagged(), actor=by_agent(agent))
            save_state(conversation)
    return conversation


def delete(*, agent: Agent, conversation_id: int, token: int | None = None) -> Conversation:
    """Move the conversation to the deleted view, with nothing erased; raises ``Conflict``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.DELETE)
        conflicts.check(conversation, act="delete", token=token, agent=agent)
        if conversation.deleted_at is None:
            conversation.deleted_at = now()
            append(conversation, "deleted", Flagged(), actor=by_agent(agent))
            save_state(conversation)
    return conversation


def restore(*, agent: Agent, conversation_id: int, token: int | None = None) -> Conversation:
    """Bring a deleted conversation back as it was; raises ``Conflict``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.DELETE)
        conflicts.check(conversation, act="delete", token=token, agent=agent)
        if conversation.deleted_at is not None:
            conversation.deleted_at = None
            append(conversation, "restored", Flagged(), actor=by_agent(agent))
            save_state(conversation)
    return conversation
