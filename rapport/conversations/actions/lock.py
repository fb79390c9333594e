"""Holding one conversation for a write."""

from django.db.models import Exists, OuterRef, QuerySet

from rapport.conversations.folders import remember
from rapport.conversations.models import Conversation, ConversationInbox
from rapport.conversations.queries.access import NotFound, may_see
from rapport.kernel.db.prepared import prepared
from rapport.kernel.stream.models import Origin
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


class Forbidden(Exception):
    """The agent may see the conversation but not do this to it."""


def lock(conversation_id: int) -> Conversation:
    """Return the conversation, fresh and locked until the transaction ends; raises ``NotFound``.

    Rows that only point at it, as a draft does, can be written meanwhile: who holds ``draft:<agent>`` and
    adds a draft would otherwise wait for the one who sends, and that one for ``draft:<agent>``. On SQLite the
    transaction itself (BEGIN IMMEDIATE) is the lock.
    """
    found = _locked(conversation_id)
    if not found:
        raise NotFound
    return remember(found[0])


@prepared
def _locked(pk: int) -> QuerySet[Conversation]:
    locked = Conversation.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk)
    others = ConversationInbox.objects.filter(conversation=OuterRef("pk"), home=False)
    # By a mapping, as the stubs know no annotation that fills an attribute of the model.
    # Inbox and brand come along: what is received and what is answered needs both.
    return locked.select_related("inbox", "brand").annotate(**{"elsewhere": Exists(others)})


def revive(conversation: Conversation) -> None:
    """Let a conversation from a mailbox's history live on: from now on it tells and starts things."""
    if conversation.origin == Origin.IMPORT:
        conversation.origin = Origin.LIVE
        Conversation.objects.filter(pk=conversation.pk).update(origin=Origin.LIVE)


def lock_for(agent: Agent, conversation_id: int, permission: Permission) -> Conversation:
    """Lock a conversation for an agent's act.

    Raises:
        NotFound: there is none, or the agent may not see it.
        Forbidden: the agent's role may not do this.

    """
    conversation = lock(conversation_id)
    if not may_see(agent, conversation):
        raise NotFound
    if not agent.can(permission):
        raise Forbidden(permission)
    revive(conversation)
    return conversation
