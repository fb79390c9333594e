"""Whether something of a conversation did not reach somebody."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient
from rapport.kernel.db.prepared import prepared
from rapport.kernel.jobs.models import State


def undelivered(conversation: Conversation) -> bool:
    """Tell whether a message of the conversation did not arrive and nobody has done anything about it."""
    return bool(_undelivered(conversation.pk))


@prepared
def _undelivered(conversation_id: int) -> QuerySet[Delivery]:
    bounced = DeliveryRecipient.objects.filter(delivery=OuterRef("pk"), state="bounced")
    rows = Delivery.objects.filter(conversation_id=conversation_id).exclude(state__in=Delivery.GIVEN_UP)
    return rows.filter(Q(state=State.FAILED) | Exists(bounced))[:1]
