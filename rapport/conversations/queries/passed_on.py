"""What of a conversation an agent may pass on to a third party, or answer to one."""

from django.db.models import Exists, OuterRef, Q

from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient, Message, SideMessage
from rapport.conversations.models.words import Direction


def forwardable(conversation: Conversation, message_id: int) -> Message | None:
    """Return this public message of the conversation; None where there is none, or nobody has had it.

    Words of ours without a delivery were sent elsewhere, and taken over from a mailbox.
    """
    deliveries = Delivery.objects.filter(message=OuterRef("pk"))
    reached = DeliveryRecipient.objects.filter(delivery__message=OuterRef("pk"), state="sent")
    public = Q(direction=Direction.IN) | ~Exists(deliveries) | Exists(reached)
    return Message.objects.filter(public, pk=message_id, conversation=conversation).first()


def forwarded_by_default(conversation: Conversation, last: Message | None) -> Message | None:
    """Return ``last``, which an answer would answer, where it may be passed on."""
    if last is None or last.direction == Direction.IN:
        return last
    return forwardable(conversation, last.pk)


def answerable(conversation: Conversation, side_message_id: int) -> SideMessage | None:
    """Return this message of a third party in the conversation; None where none wrote it."""
    theirs = SideMessage.objects.filter(conversation=conversation, direction=Direction.IN)
    return theirs.filter(pk=side_message_id).first()
