"""Since when the customer of a conversation waits, by what was written."""

from datetime import datetime

from django.db.models import Max, QuerySet

from rapport.conversations.models import Conversation, Delivery, Entry, Message
from rapport.conversations.models.words import Direction
from rapport.kernel.stream.models import Origin


def shown_messages(conversation: Conversation) -> QuerySet[Message]:
    """Return the public messages, without answers that were taken back or given up."""
    return Message.objects.filter(conversation=conversation).exclude(deliveries__state__in=Delivery.GIVEN_UP)


def customer_waits_since(conversation: Conversation) -> datetime | None:
    """Return when the customer wrote first after the last answer that a person sent.

    As when it came in, nobody waits for what a machine wrote or was taken over from a mailbox's history.
    """
    shown = shown_messages(conversation)
    answered = shown.filter(direction=Direction.OUT, automatic=False).aggregate(last=Max("pk"))["last"] or 0
    history = Entry.objects.filter(
        conversation=conversation, kind="message.received", origin=Origin.IMPORT
    ).values_list("payload__message_id", flat=True)
    theirs = shown.filter(direction=Direction.IN, automatic=False, pk__gt=answered)
    waiting = theirs.exclude(pk__in=list(history)).only("created_at", "why").order_by("pk")
    return next((each.created_at for each in waiting if not each.quiet), None)
