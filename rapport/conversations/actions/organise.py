"""Priority, kind of contact, subject: the plain properties of a conversation."""

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import KindChanged, PriorityChanged, SubjectChanged
from rapport.conversations.models import Conversation, EntryWords, Kind, Priority
from rapport.conversations.subjects import subject_line
from rapport.conversations.timeline import append
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def set_priority(
    *, agent: Agent, conversation_id: int, priority: Priority, token: int | None = None
) -> Conversation:
    """Set how urgent the conversation is; raises ``Conflict``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="priority", token=token, agent=agent)
        before = Priority(conversation.priority)
        if before is not priority:
            conversation.priority = priority
            payload = PriorityChanged(priority=priority, before=before)
            append(conversation, "priority.changed", payload, actor=by_agent(agent))
            save_state(conversation)
    return conversation


def set_kind(*, agent: Agent, conversation_id: int, kind: Kind, token: int | None = None) -> Conversation:
    """Set the kind of contact; raises ``Conflict``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="kind", token=token, agent=agent)
        before = Kind(conversation.kind)
        if before is not kind:
            conversation.kind = kind
            append(conversation, "kind.changed", KindChanged(kind=kind, before=before), actor=by_agent(agent))
            save_state(conversation)
    return conversation


def set_subject(
    *, agent: Agent, conversation_id: int, subject: str, token: int | None = None
) -> Conversation:
    """Change the subject; the old and the new wording are kept apart from the entry. Raises ``Conflict``."""
    subject = subject_line(subject)
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        conflicts.check(conversation, act="subject", token=token, agent=agent)
        before = conversation.subject
        if before != subject:
            conversation.subject = subject
            entry = append(conversation, "subject.changed", SubjectChanged(), actor=by_agent(agent))
            EntryWords.objects.create(entry=entry, before=before, after=subject)
            save_state(conversation)
    return conversation
