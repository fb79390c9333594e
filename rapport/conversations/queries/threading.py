"""Finding the conversation that a message from outside answers. Asked by ingest, on nobody's behalf."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from rapport.conversations.models import Conversation, Entry, Message, Participant, SideMessage
from rapport.customers.queries.people import is_confirmed
from rapport.customers.values import normalised
from rapport.kernel.db.prepared import prepared

_MOST_PLACES = 100


def message_by_token(token: str) -> Message | None:
    """Return the public message of ours that carries this reply token."""
    return _by_token.first(token)


def side_message_by_token(token: str) -> SideMessage | None:
    """Return the side message of ours that carries this reply token."""
    return _side_by_token.first(token)


def message_by_identities(identities: Iterable[str]) -> Message | None:
    """Return the newest message known under one of these Message-IDs, ours or a relay's or the customer's."""
    wanted = [identity for identity in identities if identity][-50:]
    if not wanted:
        return None
    return _by_identity.first(wanted) or _by_provider_id.first(wanted)


def copy_of(identity: str) -> Message | None:
    """Return the incoming message with exactly this Message-ID, if one is here already."""
    if not identity:
        return None
    return _incoming.first(identity)


def side_copy_of(answered: SideMessage, identity: str) -> SideMessage | None:
    """Return the third party's answer with exactly this Message-ID, if the conversation has it already."""
    if not identity:
        return None
    return _side_incoming.first(answered.conversation_id, identity)


def sent_as(identity: str) -> Message | SideMessage | None:
    """Return what we sent ourselves under this Message-ID, ours or a relay's; old answers do not count."""
    if not identity:
        return None
    return _sent.first(identity) or _side_sent.first(identity)


def takes_part(conversation: Conversation, address: str) -> bool:
    """Tell whether this address is an accepted participant of the conversation; who has none is nobody.

    Another address of the customer counts where an agent has confirmed it.
    """
    wanted = normalised("email", address)
    if not wanted:
        return False
    return bool(_participant(conversation.pk, wanted)) or is_confirmed(wanted, conversation.customer_id)


def was_copied(conversation: Conversation, address: str) -> bool:
    """Tell whether this address was in copy or wrote by itself, and no agent accepted it yet."""
    wanted = normalised("email", address)
    return bool(wanted and _waiting.first(conversation.pk, wanted))


def was_accepted_beside(customer: str, address: str) -> bool:
    """Tell whether an agent has let this address take part in a conversation with the customer's address."""
    taking_part = Participant.objects.filter(address=normalised("email", address), pending=False)
    beside = taking_part.filter(conversation__identity__value=normalised("email", customer))
    places = dict(beside.values_list("pk", "conversation_id")[:_MOST_PLACES])
    accepted = Entry.objects.filter(conversation_id__in=places.values(), kind="participant.accepted")
    return any(entry.payload["participant_id"] in places for entry in accepted)


def wrote_before(conversation: Conversation, customer: str, author: str) -> bool:
    """Tell whether a message that is believed names these two, for answers and in From."""
    theirs = Message.objects.filter(conversation=conversation, direction="in", unverified=False)
    known = theirs.filter(sender_address__iexact=customer).only("why")[:_MOST_PLACES]
    return any(message.written_by.lower() == author.lower() for message in known)


@prepared
def _by_token(token: str) -> QuerySet[Message]:
    return Message.objects.select_related("conversation").filter(token=token).order_by("pk")[:1]


@prepared
def _side_by_token(token: str) -> QuerySet[SideMessage]:
    return SideMessage.objects.select_related("conversation").filter(token=token).order_by("pk")[:1]


@prepared
def _by_identity(wanted: list[str]) -> QuerySet[Message]:
    return Message.objects.select_related("conversation").filter(identity__in=wanted).order_by("-pk")[:1]


@prepared
def _by_provider_id(wanted: list[str]) -> QuerySet[Message]:
    return Message.objects.select_related("conversation").filter(provider_id__in=wanted).order_by("-pk")[:1]


@prepared
def _incoming(identity: str) -> QuerySet[Message]:
    known = Message.objects.select_related("conversation", "raw")
    return known.filter(identity=identity, direction="in").order_by("pk")[:1]


@prepared
def _side_incoming(conversation_id: int, identity: str) -> QuerySet[SideMessage]:
    known = SideMessage.objects.select_related("conversation", "raw").filter(conversation_id=conversation_id)
    return known.filter(identity=identity, direction="in").order_by("pk")[:1]


@prepared
def _sent(identity: str) -> QuerySet[Message]:
    named = Q(identity=identity) | Q(provider_id=identity)
    sent = Message.objects.select_related("conversation").filter(named, direction="out", raw=None)
    return sent.order_by("pk")[:1]


@prepared
def _side_sent(identity: str) -> QuerySet[SideMessage]:
    named = Q(identity=identity) | Q(provider_id=identity)
    sent = SideMessage.objects.select_related("conversation").filter(named, direction="out")
    return sent.order_by("pk")[:1]


@prepared
def _participant(conversation_id: int, address: str) -> QuerySet[Participant, int]:
    found = Participant.objects.filter(conversation_id=conversation_id, address=address, pending=False)
    return found.values_list("pk", flat=True)[:1]


@prepared
def _waiting(conversation_id: int, address: str) -> QuerySet[Participant, int]:
    found = Participant.objects.filter(conversation_id=conversation_id, address=address, pending=True)
    return found.values_list("pk", flat=True)[:1]
