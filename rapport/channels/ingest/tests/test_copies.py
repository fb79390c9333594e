"""One mail in several inboxes stands once; two mails under one Message-ID stand both."""

from datetime import timedelta

import pytest

from rapport.channels.ingest.decide import place_by_hand
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import ConversationInbox, Message, SideMessage
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.models import Outcome
from rapport.kernel.sentences import say
from rapport.staff.roles import Role
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


def test_a_copy_was_kept_without_the_verdict_that_it_is_one(company: World) -> None:
    content = mail(to="support@velonord.example, workshop@refit.example", List_Id="<news.shop.example>")
    first, second = receive(company.inbox, content), receive(company.other_inbox, content)
    assert [each["kind"] for each in first.verdicts] == ["list"]
    assert [each["kind"] for each in second.verdicts] == ["duplicate", "list"]
    assert second.verdicts[0]["reason"] == second.reason


def test_a_mail_to_two_inboxes_stood_twice_when_both_copies_were_moved_by_hand(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    agent = company.agent(Role.ADMINISTRATOR)
    content = mail(sender="Support <support@velonord.example>", subject="From ourselves", text="look")
    first, second = receive(company.inbox, content), receive(company.other_inbox, content)
    assert (first.outcome, second.outcome) == (Outcome.QUARANTINED, Outcome.QUARANTINED)
    for raw in (first, second):
        assert place_by_hand(agent=agent, raw=raw, conversation_id=conversation.pk) == conversation.pk
    assert Message.objects.filter(subject="From ourselves").count() == 1
    second.refresh_from_db()
    assert f"#{conversation.number}" in say(second.reason)
    assert ConversationInbox.objects.filter(conversation=conversation, inbox=company.other_inbox).exists()
