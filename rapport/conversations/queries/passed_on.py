"""What of a conversation an agent may pass on to a third party, or answer to one."""

from rapport.conversations.models import Conversation, Delivery, Message, SideMessage
from rapport.conversations.models.words import Direction


def forwardable(conversation: Conversation, message_id: int) -> Message | None:
    """Return this public message of the conversation; None where there is none, or it was never sent."""
    never_sent = [Delivery.WITHDRAWN, Delivery.SKIPPED]
    shown = Message.objects.filter(pk=message_id, conversation=conversation)
    return shown.exclude(deliveries__state__in=never_sent).first()


def answerable(conversation: Conversation, side_message_id: int) -> SideMessage | None:
    """Return this message of a third party in the conversation; None where none wrote it."""
    theirs = SideMessage.objects.filter(conversation=conversation, direction=Direction.IN)
    return theirs.filter(pk=side_message_id).first()
