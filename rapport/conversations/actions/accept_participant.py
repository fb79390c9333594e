"""Accepting an address that came in by itself as a participant."""

from django.db import transaction

from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import ParticipantChanged
from rapport.conversations.models import Conversation, Message, Participant
from rapport.conversations.queries.access import NotFound
from rapport.conversations.timeline import append
from rapport.customers.values import normalised
from rapport.inboxes.addresses import is_one_of
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def accept_participant(*, agent: Agent, conversation_id: int, message_id: int) -> Participant:
    """Accept the sender of an unverified message; answers go to them from now on.

    Where another address in its From wrote it, that one takes part too. Returns the participant whom answers
    go to. Raises ``NotFound``, also where the message names no sender.
    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        doubted = Message.objects.filter(conversation=conversation, unverified=True)
        message = doubted.exclude(sender_address="").filter(pk=message_id).first()
        if message is None:
            raise NotFound
        participant, author = _let_in(conversation, message, message.sender_address), None
        if message.written_by and not is_one_of(message.written_by, own_addresses()):
            author = _let_in(conversation, message, message.written_by)
        _believe(conversation, message)
        for each in (participant, author):
            if each is not None:
                payload = ParticipantChanged(participant_id=each.pk)
                append(conversation, "participant.accepted", payload, actor=by_agent(agent))
        save_state(conversation)
    return participant


def _let_in(conversation: Conversation, message: Message, address: str) -> Participant:
    participant, _ = Participant.objects.get_or_create(
        conversation=conversation,
        address=normalised("email", address),
        defaults={"name": message.sender_name, "role": "cc", "since_seq": conversation.last_seq},
    )
    Participant.objects.filter(pk=participant.pk).update(pending=False)
    return participant


def _believe(conversation: Conversation, message: Message) -> None:
    """Believe what else the same sender wrote; not what others wrote who name the same address."""
    doubted = Message.objects.filter(
        conversation=conversation, sender_address=message.sender_address, unverified=True
    )
    same = [each.pk for each in doubted.only("why") if each.written_by == message.written_by]
    Message.objects.filter(pk__in=same).update(unverified=False)
