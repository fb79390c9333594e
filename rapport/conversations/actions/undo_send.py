"""Taking a message back before it is sent."""

from dataclasses import dataclass

from django.db import transaction

from rapport.conversations.actions.assign import change_assignee
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.unsettle import unsettle
from rapport.conversations.actions.welcome import take_back_welcome
from rapport.conversations.actors import by_agent
from rapport.conversations.begun import Readers, begun_draft, is_begun, readers_of
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import DeliveryChanged
from rapport.conversations.latest import show_what_is_left
from rapport.conversations.models import (
    ENDED,
    Attachment,
    Conversation,
    Delivery,
    DeliveryRecipient,
    Draft,
    Entry,
    Message,
    SideMessage,
)
from rapport.conversations.queries.waiting import customer_waits_since
from rapport.conversations.timeline import append
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


class TooLate(Exception):
    """The message is being sent or was sent; it cannot be taken back."""


@dataclass(frozen=True)
class TakenBack:
    """The draft that holds the words again.

    ``overtaken`` is the last change of status since they were sent, where a colleague made it.
    """

    draft: Draft
    overtaken: Entry | None = None


def undo_send(
    *, agent: Agent, conversation_id: int, message_id: int, offered: Readers = frozenset()
) -> TakenBack:
    """Take an own message back in its undo window and give its text back to the draft.

    Where an answer to others is begun meanwhile, it becomes the draft of a note: words for one person must
    not stand addressed to another. ``offered`` is to whom a begun answer goes that names nobody.

    A status that a colleague set since is left, unless the customer would wait where nobody looks.

    Raises:
        TooLate: sending has begun.

    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        message = Message.objects.get(pk=message_id, conversation=conversation, agent=agent)
        withdrawn = withdraw(agent, conversation, message)
        kind = "note" if _other_begun(agent, conversation, message, offered) else "reply"
        draft = back_to_draft(agent, conversation, message, kind=kind, html=message.html)
        Message.objects.filter(pk=message.pk).update(nonce=None)
        Attachment.objects.filter(message=message).update(message=None, draft=draft)
        overtaken = _restore_state(agent, conversation, message, withdrawn)
        save_state(conversation)
    return TakenBack(draft, overtaken)


def _other_begun(agent: Agent, conversation: Conversation, message: Message, offered: Readers) -> bool:
    begun = begun_draft(agent, conversation, "reply")
    return begun is not None and (readers_of(begun) or offered) != readers_of(message)


def withdraw(agent: Agent, conversation: Conversation, words: Message | SideMessage) -> Entry:
    """Take the delivery of words in a locked conversation out of the outbox; return the entry about it.

    Raises:
        TooLate: sending has begun.

    """
    key = "message_id" if isinstance(words, Message) else "side_message_id"
    if _was_tried(conversation, key, words.pk):
        raise TooLate
    # The condition decides the race with the sender: exactly one of the two changes the row.
    deliveries = Delivery.objects.filter(**{key: words.pk})
    if not deliveries.filter(state=State.QUEUED, attempts=0).update(state=Delivery.WITHDRAWN):
        raise TooLate
    delivery = deliveries.get(state=Delivery.WITHDRAWN)
    changed = DeliveryChanged(
        delivery_id=delivery.pk,
        message_id=delivery.message_id,
        side_message_id=delivery.side_message_id,
    )
    return append(conversation, "delivery.withdrawn", changed, actor=by_agent(agent))


def _was_tried(conversation: Conversation, key: str, pk: int) -> bool:
    """Tell whether somebody may have had the message: trying again starts counting attempts afresh."""
    told = Entry.objects.filter(
        conversation=conversation, kind__startswith="delivery.", **{f"payload__{key}": pk}
    )
    reached = DeliveryRecipient.objects.filter(**{f"delivery__{key}": pk}).exclude(state="pending")
    return told.exists() or reached.exists()


def back_to_draft(
    agent: Agent, conversation: Conversation, words: Message | SideMessage, *, kind: str, html: str
) -> Draft:
    """Make ``html`` the draft again, before what was typed since, to the recipients of ``words``."""
    newer = Draft.objects.filter(agent=agent, conversation=conversation, kind=kind).first()
    typed = newer.html if newer is not None and is_begun(newer.html, files=False) else ""
    draft, _ = Draft.objects.update_or_create(
        agent=agent,
        conversation=conversation,
        kind=kind,
        defaults={
            "html": html if typed == html else html + typed,
            "to": words.to,
            "cc": words.cc,
            "bcc": words.bcc,
            "subject": words.subject,
            "seen_seq": conversation.last_seq,
            "updated_at": now(),
        },
    )
    return draft


def _restore_state(
    agent: Agent, conversation: Conversation, message: Message, withdrawn: Entry
) -> Entry | None:
    waiting_since, overtaken = customer_waits_since(conversation), None
    sent = Entry.objects.filter(
        conversation=conversation, kind="message.sent", payload__message_id=message.pk
    ).first()
    if sent is not None:
        take_back_welcome(conversation, sent)
        overtaken = unsettle(agent, conversation, sent, withdrawn, waits=waiting_since is not None)
        _restore_assignee(agent, conversation, sent, withdrawn)
    show_what_is_left(conversation)
    conversation.message_count = max(0, conversation.message_count - 1)
    if conversation.status not in ENDED:
        conversation.waiting_since = waiting_since
    return overtaken


def _restore_assignee(agent: Agent, conversation: Conversation, sent: Entry, withdrawn: Entry) -> None:
    taken = Entry.objects.filter(conversation=conversation, kind="assigned", caused_by=sent.pk).first()
    if taken is not None and taken.payload["agent_id"] == conversation.assignee_id:
        change_assignee(conversation, None, actor=by_agent(agent), caused_by=withdrawn)
