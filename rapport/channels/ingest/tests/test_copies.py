"""One mail in several inboxes stands once; two mails under one Message-ID stand both."""

from datetime import timedelta

import pytest

from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import Message, SideMessage
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.models import Outcome
from rapport.kernel.sentences import say
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.mark.parametrize(
    ("sender", "text"),
    [("Bob <bob@c.example>", "one"), ("Ada <ada@customer.example>", "two"), ("Bob <bob@c.example>", "two")],
)
def test_another_mail_under_a_known_message_id_is_not_swallowed(
    company: World, sender: str, text: str
) -> None:
    ada = "Ada <ada@customer.example>"
    receive(company.inbox, mail(sender=ada, subject="Form", text="one", Message_ID="<form@shop>"))
    receive(company.other_inbox, mail(sender=sender, subject="Form", text=text, Message_ID="<form@shop>"))
    assert Message.objects.count() == 2


def test_the_answer_of_a_third_party_to_two_inboxes_stands_once(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    asked = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<div>pls</div>", to=parse_addresses(["sup@x.example"])),
        undo=timedelta(0),
    )
    answer = mail(sender="sup@x.example", text="ok", In_Reply_To=asked.identity)
    receive(company.inbox, answer)
    second = receive(company.other_inbox, answer)
    assert SideMessage.objects.filter(direction="in").count() == 1
    assert second.outcome == Outcome.DUPLICATE
    assert f"#{conversation.number}" in say(second.reason)


def test_mail_of_a_blocked_customer_behind_a_form_is_spam(company: World) -> None:
    known = conversation_of(receive(company.inbox, mail()))
    known.customer.identities.update(blocked=True)
    raw = receive(company.inbox, mail(sender="form@shop.example", Reply_To="ada@customer.example"))
    assert conversation_of(raw).spam
