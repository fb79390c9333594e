"""Who may read what is written to third parties, and what of a conversation is passed on to them."""

from datetime import timedelta

import pytest

from rapport.channels.delivery.queue import due
from rapport.conversations.actions.answer_side import answer_side
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.mend_delivery import readdress
from rapport.conversations.actions.record_delivery import record_failed
from rapport.conversations.actions.reply import Answer, CannotCarry
from rapport.conversations.models import Conversation, Delivery, Participant, SideMessage
from rapport.conversations.recipients import parse_addresses
from rapport.customers.actions.identify import identify
from rapport.customers.actions.merge import merge
from rapport.kernel.clock import now
from rapport.kernel.jobs.leases import claim
from rapport.staff.roles import Role
from tests.world import World, mail, receive

ADA, LAB = "ada@customer.example", "lab@parts.example"
ELSEWHERE = "ada@work.example"


def answer(text: str, *to: str, cc: tuple[str, ...] = (), nonce: str = "") -> Answer:
    return Answer(
        html=f"<div>{text}</div>", to=parse_addresses(to or [LAB]), cc=parse_addresses(cc), nonce=nonce
    )


def claimed() -> Delivery:
    (delivery,) = claim(due(), limit=5, lease=timedelta(minutes=1), worker="test")
    return delivery


def ask(company: World, conversation: Conversation, *to: str, cc: tuple[str, ...] = ()) -> SideMessage:
    """Ask the laboratory and return what it answers."""
    side = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=answer("Can you look?", *to, cc=cc),
        undo=timedelta(0),
    )
    Delivery.objects.update(state="done")
    words = {"In_Reply_To": side.identity, "Message_ID": "<lab@parts.example>", "subject": "Re: Fork"}
    receive(company.inbox, mail(sender=f"Lab <{LAB}>", text="SECRET margin is 40", **words))
    return SideMessage.objects.get(direction="in")


def answer_lab(
    company: World, answered: SideMessage, *to: str, cc: tuple[str, ...] = (), text: str = "Our price is 10"
) -> SideMessage:
    return answer_side(
        agent=company.agent(),
        conversation_id=answered.conversation_id,
        side_message_id=answered.pk,
        answer=answer(text, *to, cc=cc),
        undo=timedelta(0),
    )


def join_customers(company: World, conversation: Conversation, address: str) -> None:
    """Say that the person with an address is the customer."""
    other = identify(value=address, name="Ada B", at=now()).customer
    merge(agent=company.agent(Role.TEAM_LEAD), duplicate=other, into=conversation.customer)


def use_elsewhere(company: World, conversation: Conversation, how: str) -> None:
    """Let the customer's side have one more address."""
    if how == "merged":
        join_customers(company, conversation, ELSEWHERE)
    elif how == "identity":
        conversation.identity = identify(value=ELSEWHERE, name="Somebody", at=now()).identity
        conversation.save()
    else:
        pending = how == "pending"
        Participant.objects.create(conversation=conversation, address=ELSEWHERE, role="cc", pending=pending)


@pytest.mark.parametrize("how", ["merged", "identity", "participant", "pending"])
def test_the_customers_side_read_a_side_talk_at_another_address(
    company: World, conversation: Conversation, how: str
) -> None:
    answered = ask(company, conversation)
    use_elsewhere(company, conversation, how)
    with pytest.raises(CannotCarry, match=ELSEWHERE):
        answer_lab(company, answered, LAB, cc=("Ada@Work.example",))
    assert SideMessage.objects.count() == 2


@pytest.mark.parametrize("how", ["own", "merged", "participant"])
def test_a_changed_address_sent_a_side_talk_to_the_customer(
    company: World, conversation: Conversation, how: str
) -> None:
    answered = ask(company, conversation)
    if how != "own":
        use_elsewhere(company, conversation, how)
    answer_lab(company, answered)
    delivery = claimed()
    record_failed(delivery=delivery, reason="550")
    recipient = delivery.recipients.get()
    with pytest.raises(CannotCarry, match="must not read this"):
        readdress(
            agent=company.agent(),
            conversation_id=conversation.pk,
            delivery_id=delivery.pk,
            recipient_id=recipient.pk,
            address=ADA if how == "own" else ELSEWHERE,
        )
    recipient.refresh_from_db()
    delivery.refresh_from_db()
    assert (recipient.address, delivery.state) == (LAB, "failed")


def test_a_third_party_in_copy_of_the_conversation_is_answered_in_its_own_talk(
    company: World, conversation: Conversation
) -> None:
    answered = ask(company, conversation)
    Participant.objects.create(conversation=conversation, address=LAB, role="cc")
    assert answer_lab(company, answered).to == [{"address": LAB, "name": ""}]
