"""Accepting an address that came in by itself as a participant."""

from django.db import transaction

from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import ParticipantChanged
from rapport.conversations.models import Message, Participant
from rapport.conversations.queries.access import NotFound
from rapport.conversations.timeline import append
from rapport.customers.values import normalised
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def accept_participant(*, agent: Agent, conversation_id: int, message_id: int) -> Participant:
    """Accept the sender of an unverified message; answers go to them from now on. Raises ``NotFound``."""
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        message = Message.objects.filter(pk=message_id, conversation=conversation, unverified=True).first()
        if message is None:
            raise NotFound
        participant, _ = Participant.objects.get_or_create(
            conversation=conversation,
            address=normalised("email", message.sender_address),
            defaults={"name": message.sender_name, "role": "cc", "since_seq": conversation.last_seq},
        )
        Participant.objects.filter(pk=participant.pk).update(pending=False)
        Message.objects.filter(
            conversation=conversation, sender_address=message.sender_address, unverified=True
        ).update(unverified=False)
        payload = ParticipantChanged(participant_id=participant.pk)
        append(conversation, "participant.accepted", payload, actor=by_agent(agent))
        save_state(conversation)
    return participant
