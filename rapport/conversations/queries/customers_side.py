"""Which addresses belong to the customer's side of a conversation."""

from collections.abc import Collection

from django.db.models import Q

from rapport.conversations.models import Conversation, Participant, SideMessage
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
    ours = answered.answered
    talk = loaded((*ours.to, *ours.cc, *ours.bcc)) if ours is not None else ()
    asked = {normalised("email", each.value) for each in talk}
    taking_part = Participant.objects.filter(conversation_id=answered.conversation_id)
    found = taking_part.filter(address__in=set(values) - asked).order_by("pk")
    return list(found.values_list("address", flat=True))
