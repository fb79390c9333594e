"""Letting the people take part to whom an agent writes, and taking it back with the words."""

from collections.abc import Sequence

from django.db.models import QuerySet

from rapport.conversations.actors import by_agent
from rapport.conversations.kinds import ParticipantChanged
from rapport.conversations.models import Conversation, Delivery, Entry, Message, Participant
from rapport.conversations.models.words import Direction
from rapport.conversations.recipients import loaded
from rapport.conversations.timeline import append
from rapport.customers.values import normalised
from rapport.inboxes.contract import Address
from rapport.kernel.db.prepared import prepared
from rapport.staff.models import Agent


def welcome(
    conversation: Conversation, addresses: Sequence[Address], agent: Agent, *, caused_by: Entry
) -> None:
    """Make every address an accepted participant of a locked conversation."""
    known = {address: (pk, pending) for pk, address, pending in _participants(conversation.pk)}
    for key, name in {normalised("email", each.value): each.name for each in addresses}.items():
        pk, pending = known.get(key, (None, False))
        if pk is None:
            made = Participant.objects.create(
                conversation=conversation, address=key, name=name, role="cc", since_seq=conversation.last_seq
            )
            kind, pk = "participant.added", made.pk
        elif pending:
            Participant.objects.filter(pk=pk).update(pending=False)
            kind = "participant.accepted"
        else:
            continue
        payload = ParticipantChanged(participant_id=pk)
        append(conversation, kind, payload, actor=by_agent(agent), caused_by=caused_by)


def take_back_welcome(conversation: Conversation, sent: Entry) -> None:
    """Let those wait again for an agent whom only words that are withdrawn now have welcomed."""
    kinds = ("participant.added", "participant.accepted")
    told = Entry.objects.filter(conversation=conversation, caused_by=sent.pk, kind__in=kinds)
    welcomed = [entry.payload["participant_id"] for entry in told]
    if welcomed:
        waiting = Participant.objects.filter(pk__in=welcomed).exclude(address__in=_written_to(conversation))
        waiting.update(pending=True)


def _written_to(conversation: Conversation) -> set[str]:
    ours = Message.objects.filter(conversation=conversation, direction=Direction.OUT)
    kept = ours.exclude(deliveries__state__in=Delivery.GIVEN_UP)
    return {
        normalised("email", address.value)
        for message in kept.only("to", "cc")
        for address in loaded((*message.to, *message.cc))
    }


@prepared
def _participants(conversation_id: int) -> QuerySet[Participant, tuple[int, str, bool]]:
    found = Participant.objects.filter(conversation_id=conversation_id)
    return found.values_list("pk", "address", "pending")
