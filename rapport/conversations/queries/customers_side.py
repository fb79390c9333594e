"""Which addresses belong to the customer's side of a conversation."""

from collections.abc import Collection

from django.db.models import Q

from rapport.conversations.models import Conversation, Delivery, Participant, SideMessage
from rapport.conversations.models.words import Direction
from rapport.conversations.recipients import loaded
from rapport.customers.models import Identity
from rapport.customers.queries.group import records_of
from rapport.customers.values import normalised


def customers_addresses(conversation: Conversation, values: Collection[str]) -> list[str]:
    """Return which of the normalised addresses are the customer's, by any record that is the same person."""
    own = Q(customer_id__in=records_of([conversation.customer_id])) | Q(pk=conversation.identity_id)
    found = Identity.objects.filter(own, kind="email", value__in=values).order_by("pk")
    return list(found.values_list("value", flat=True))


def participants_beside(answered: SideMessage, values: Collection[str]) -> list[str]:
    """Return which of the normalised addresses take part in the conversation, accepted or not.

    Those are left out to whom an agent wrote what ``answered`` answers: they are in that talk already.
    """
    asked = _readers(answered.answered) if answered.answered is not None else set()
    return _taking_part(answered.conversation_id, set(values) - asked)


def participants_not_asked(conversation: Conversation, values: Collection[str]) -> list[str]:
    """Return which of the normalised addresses take part in the conversation, accepted or not.

    Those are left out to whom something of it was forwarded: they are in a talk beside it already.
    """
    found = _taking_part(conversation.pk, values)
    if not found:
        return []
    ours = conversation.side_messages.filter(direction=Direction.OUT)
    kept = ours.exclude(deliveries__state__in=Delivery.GIVEN_UP).only("to", "cc", "bcc")
    asked = {address for side in kept for address in _readers(side)}
    return [address for address in found if address not in asked]


def _readers(side: SideMessage) -> set[str]:
    return {normalised("email", each.value) for each in loaded((*side.to, *side.cc, *side.bcc))}


def _taking_part(conversation_id: int, values: Collection[str]) -> list[str]:
    found = Participant.objects.filter(conversation_id=conversation_id, address__in=values).order_by("pk")
    return list(found.values_list("address", flat=True))
