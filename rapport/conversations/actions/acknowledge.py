"""Confirming by machine that a first message arrived, without a word of its sender's."""

from datetime import timedelta

from django.db import transaction

from rapport.conversations.actions.lock import lock
from rapport.conversations.actions.queue_delivery import queue_delivery
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Sent
from rapport.conversations.models import Conversation, DeliveryRecipient, Message
from rapport.conversations.models.words import Direction
from rapport.conversations.recipients import is_unattended
from rapport.conversations.subjects import subject_line
from rapport.conversations.timeline import append
from rapport.inboxes.registry import channel
from rapport.kernel.clock import now
from rapport.kernel.db.locks import lock_name
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.text.sanitise import SANITISER_VERSION

PER_PEER_AND_HOUR = 3
PAUSE = timedelta(days=1)
NO_RECEIPT = frozenset({"automatic", "list", "bounce", "complaint", "loop"})
"""What inbound steps found that keeps an acknowledgement back, also where a person may have written it."""


def acknowledge(*, conversation_id: int, text: str, subject: str) -> Message | None:
    """Send the acknowledgement of a conversation's first message, or nothing where it must not go out.

    At most one a day per sender and inbox, and at most three automatic mails per peer and hour from the whole
    installation, so that two machines never keep each other busy (RFC 3834 section 2). Safe to call twice.
    """
    with transaction.atomic():
        conversation = lock(conversation_id)
        first = Message.objects.select_related("raw").filter(conversation=conversation).order_by("pk").first()
        if first is None or not _may_go(conversation, first):
            return None
        message = _write(conversation, first, text, subject)
        delivery = queue_delivery(message=message, run_at=now())
        payload = Sent(message_id=message.pk, delivery_id=delivery.pk, automatic=True)
        append(conversation, "message.sent", payload)
        save_state(conversation)
    return message


def sent_automatically(address: str, *, since: timedelta, inbox_id: int | None = None) -> int:
    """Return how many automatic messages went to an address in the time up to now."""
    rows = DeliveryRecipient.objects.filter(
        address__iexact=address,
        delivery__message__automatic=True,
        delivery__created_at__gt=now() - since,
    )
    if inbox_id is not None:
        rows = rows.filter(delivery__message__inbox_id=inbox_id)
    return rows.count()


def _may_go(conversation: Conversation, first: Message) -> bool:
    peer = first.sender_address
    if (
        first.direction != Direction.IN
        or first.automatic
        or first.unverified
        or conversation.spam
        or conversation.origin != "live"
        or not peer
        or is_unattended(peer)
        or (first.raw is not None and any(found["kind"] in NO_RECEIPT for found in first.raw.verdicts))
        or Message.objects.filter(conversation=conversation, direction=Direction.OUT).exists()
    ):
        return False
    # Two first mails of one sender at once: the second waits here and then counts the first's answer.
    lock_name(f"automatic:{peer.lower()}")
    return (
        sent_automatically(peer, since=PAUSE, inbox_id=conversation.inbox_id) == 0
        and sent_automatically(peer, since=timedelta(hours=1)) < PER_PEER_AND_HOUR
    )


def _write(conversation: Conversation, first: Message, text: str, subject: str) -> Message:
    inbox = conversation.inbox
    identity, token = channel(inbox.kind).new_identity(inbox)
    filled = text.replace("{number}", str(conversation.number)).replace("{brand}", conversation.brand.name)
    return Message.objects.create(
        conversation=conversation,
        direction=Direction.OUT,
        inbox=inbox,
        channel=inbox.kind,
        sender_name=inbox.sender_name or conversation.brand.name,
        sender_address=inbox.address,
        to=[{"address": first.sender_address, "name": ""}],
        subject=subject_line(subject.replace("{number}", str(conversation.number))),
        html=paragraphs(filled),
        text=filled,
        sanitiser=SANITISER_VERSION,
        identity=identity,
        token=token,
        in_reply_to=first.identity,
        references=first.identity,
        automatic=True,
        created_at=now(),
    )
