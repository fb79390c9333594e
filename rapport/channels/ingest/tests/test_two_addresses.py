"""A customer with two addresses is one customer."""

from datetime import timedelta

import pytest

from rapport.conversations.actions.accept_participant import accept_participant
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Message, Participant
from rapport.conversations.recipients import parse_addresses
from rapport.customers.actions.identify import identify
from rapport.customers.actions.identities import add_identity
from rapport.customers.models import Customer
from rapport.inboxes.models import Outcome
from rapport.kernel.clock import now
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

ADA, PRIVATE, EVE = "ada@customer.example", "ada@private.example", "eve@evil.example"
VOUCHED = "mx.velonord.example; dmarc=pass header.from=private.example"


@pytest.fixture
def company() -> World:
    return world.build(mail_server="mx.velonord.example")


def answered(company: World, conversation: Conversation, to: str = ADA) -> Message:
    return reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<div>Yes</div>", to=parse_addresses([to])),
        undo=timedelta(0),
    )


def message_of(company: World, **headers: str) -> Message:
    return Message.objects.get(raw=receive(company.inbox, mail(**headers)))


def confirm(company: World, customer: Customer, *, verified: bool = True) -> None:
    lead = company.agent(Role.MANAGER)
    add_identity(agent=lead, customer=customer, value=PRIVATE, verified=verified)


def test_a_confirmed_second_address_of_the_customer_was_a_stranger(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = answered(company, conversation)
    confirm(company, conversation.customer)
    answer = message_of(company, sender=PRIVATE, In_Reply_To=sent.identity, text="Thanks")
    assert (answer.conversation, answer.unverified) == (conversation, False)
    named = message_of(
        company, sender=PRIVATE, subject=f"#{conversation.number}", Authentication_Results=VOUCHED
    )
    assert (named.conversation, named.unverified) == (conversation, False)


def test_it_needs_no_token_either(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    answered(company, conversation)
    Message.objects.filter(direction="out").update(provider_id="<new@relay.example>")
    receive(company.inbox, mail(sender=EVE, In_Reply_To="<new@relay.example>", text="1"))
    confirm(company, conversation.customer)
    raw = receive(company.inbox, mail(sender=PRIVATE, In_Reply_To="<new@relay.example>", text="2"))
    assert (raw.outcome, conversation_of(raw)) == (Outcome.PARSED, conversation)


def test_the_address_of_a_merged_record_is_the_customers(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = answered(company, conversation)
    other = identify(value=PRIVATE, at=now())
    type(other.identity).objects.filter(pk=other.identity.pk).update(verified=True)
    Customer.objects.filter(pk=conversation.customer_id).update(merged_into=other.customer)
    assert not message_of(company, sender=PRIVATE, In_Reply_To=sent.identity, text="Thanks").unverified


def test_an_address_that_is_only_claimed_is_still_a_strangers(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = answered(company, conversation)
    confirm(company, conversation.customer, verified=False)
    assert message_of(company, sender=PRIVATE, In_Reply_To=sent.identity, text="Thanks").unverified


def test_a_customer_with_a_constant_reply_to_was_unverified_in_their_own_thread(company: World) -> None:
    first = message_of(company, Reply_To=PRIVATE)
    assert not first.unverified
    sent = answered(company, first.conversation, PRIVATE)
    again = {"Reply_To": PRIVATE, "In_Reply_To": sent.identity}
    second = message_of(company, text="Thanks", Cc="bob@firm.example", **again)
    assert (second.conversation, second.unverified) == (first.conversation, False)
    assert Participant.objects.get(address="bob@firm.example").pending
    assert message_of(company, sender=EVE, text="Send it to me", **again).unverified


def test_accepting_a_customer_with_a_reply_to_did_not_last(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail(sender=PRIVATE)))
    sent = answered(company, conversation, PRIVATE)
    again = {"Reply_To": PRIVATE, "In_Reply_To": sent.identity}
    second, forged = (message_of(company, text=f"{who} is me", sender=who, **again) for who in (ADA, EVE))
    assert second.unverified
    accept_participant(agent=company.agent(), conversation_id=conversation.pk, message_id=second.pk)
    forged.refresh_from_db()
    assert forged.unverified
    assert not message_of(company, text="3", **again).unverified
    assert not message_of(company, text="4", In_Reply_To=sent.identity).unverified
