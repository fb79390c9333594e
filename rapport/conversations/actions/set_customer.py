"""Saying who the customer is: one of several people at an address, or the sender of a forwarded mail."""

from django.db import transaction

from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import CustomerChanged
from rapport.conversations.models import Conversation, Message, Participant
from rapport.conversations.timeline import append
from rapport.customers.models import Customer, Identity
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def set_customer(
    *, agent: Agent, conversation_id: int, customer: Customer, identity: Identity | None = None
) -> Conversation:
    """Make ``customer`` the customer of the conversation.

    With an ``identity`` of theirs, answers go there from now on, and it takes part. What others wrote in its
    name, or may have written, stays unverified.
    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.ORGANISE)
        former = conversation.customer_id
        if former == customer.pk and (identity is None or identity.pk == conversation.identity_id):
            return conversation
        conversation.customer = customer
        if identity is not None:
            conversation.identity = identity
            _let_take_part(conversation, identity, customer)
        Conversation.objects.filter(pk=conversation.pk).update(customer=customer)
        payload = CustomerChanged(customer_id=customer.pk, former_id=former)
        append(conversation, "person.changed", payload, actor=by_agent(agent))
        save_state(conversation)
    return conversation


def _let_take_part(conversation: Conversation, identity: Identity, customer: Customer) -> None:
    Participant.objects.update_or_create(
        conversation=conversation,
        address=identity.value,
        defaults={"pending": False},
        create_defaults={"name": customer.name, "role": "customer", "since_seq": conversation.last_seq},
    )
    doubted = Message.objects.filter(
        conversation=conversation, sender_address__iexact=identity.value, unverified=True
    )
    theirs = [each.pk for each in doubted.only("why") if not (each.written_by or each.disowned)]
    Message.objects.filter(pk__in=theirs).update(unverified=False)
