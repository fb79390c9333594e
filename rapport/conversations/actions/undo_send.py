"""Taking a message back before it is sent."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from rapport.conversations.actions.assign import change_assignee
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.set_status import change_status
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import DeliveryChanged
from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryRecipient,
    Draft,
    Entry,
    Message,
    Status,
)
from rapport.conversations.models.words import Direction
from rapport.conversations.timeline import append
from rapport.conversations.wording import preview_of, written
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


class TooLate(Exception):
    """The message is being sent or was sent; it cannot be taken back."""


def undo_send(*, agent: Agent, conversation_id: int, message_id: int) -> Draft:
    """Take an own message back in its undo window and give its text back to the draft.

    Raises:
        TooLate: sending has begun.

    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        message = Message.objects.get(pk=message_id, conversation=conversation, agent=agent)
        if _was_tried(conversation, message):
            raise TooLate
        # The condition decides the race with the sender: exactly one of the two changes the row.
        withdrawn = Delivery.objects.filter(message=message, state=State.QUEUED, attempts=0).update(
            state=Delivery.WITHDRAWN
        )
        if not withdrawn:
            raise TooLate
        delivery = Delivery.objects.get(message=message, state=Delivery.WITHDRAWN)
        draft = _back_to_draft(agent, conversation, message)
        append(
            conversation,
            "delivery.withdrawn",
            DeliveryChanged(delivery_id=delivery.pk, message_id=message.pk),
            actor=by_agent(agent),
        )
        _restore_state(agent, conversation, message)
        save_state(conversation)
    return draft


def _was_tried(conversation: Conversation, message: Message) -> bool:
    """Tell whether somebody may have had the message: trying again starts counting attempts afresh."""
    told = Entry.objects.filter(
        conversation=conversation, kind__startswith="delivery.", payload__message_id=message.pk
    )
    reached = DeliveryRecipient.objects.filter(delivery__message=message).exclude(state="pending")
    return told.exists() or reached.exists()


def _back_to_draft(agent: Agent, conversation: Conversation, message: Message) -> Draft:
    newer = Draft.objects.filter(agent=agent, conversation=conversation, kind="reply").first()
    typed = newer.html if newer is not None and written(newer.html).text else ""
    draft, _ = Draft.objects.update_or_create(
        agent=agent,
        conversation=conversation,
        kind="reply",
        defaults={
            "html": message.html if typed == message.html else message.html + typed,
            "to": message.to,
            "cc": message.cc,
            "bcc": message.bcc,
            "subject": message.subject,
            "seen_seq": conversation.last_seq,
            "updated_at": now(),
        },
    )
    Message.objects.filter(pk=message.pk).update(nonce=None)
    Attachment.objects.filter(message=message).update(message=None, draft=draft)
    return draft


def _restore_state(agent: Agent, conversation: Conversation, message: Message) -> None:
    sent = Entry.objects.filter(
        conversation=conversation, kind="message.sent", payload__message_id=message.pk
    ).first()
    if sent is not None:
        for entry in Entry.objects.filter(conversation=conversation, caused_by=sent.pk).order_by("-seq"):
            if entry.kind == "status.changed" and entry.payload["status"] == conversation.status:
                change_status(conversation, Status(entry.payload["before"]), actor=by_agent(agent))
            if entry.kind == "assigned" and entry.payload["agent_id"] == conversation.assignee_id:
                change_assignee(conversation, None, actor=by_agent(agent))
    last = (
        Message.objects.filter(conversation=conversation)
        .exclude(deliveries__state__in=[Delivery.WITHDRAWN, Delivery.SKIPPED])
        .order_by("-id")
        .first()
    )
    conversation.message_count = max(0, conversation.message_count - 1)
    if last is not None:
        conversation.preview = preview_of(last.text)
        conversation.last_message_at = last.created_at
    if conversation.status not in {Status.SOLVED, Status.CLOSED}:
        conversation.waiting_since = _waiting_since(conversation)


def _waiting_since(conversation: Conversation) -> datetime | None:
    """Return when the customer wrote first after the last answer that a person sent."""
    taken_back = [Delivery.WITHDRAWN, Delivery.SKIPPED]
    shown = Message.objects.filter(conversation=conversation).exclude(deliveries__state__in=taken_back)
    answered = shown.filter(direction=Direction.OUT, automatic=False).aggregate(last=Max("pk"))["last"] or 0
    first = shown.filter(direction=Direction.IN, pk__gt=answered).order_by("pk").first()
    return first.created_at if first is not None else None
