"""Nobody comes into a thread by writing somebody else's address, or none."""

from datetime import timedelta

import pytest

from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Message
from rapport.conversations.queries.answered import message_answered
from rapport.conversations.recipients import parse_addresses
from rapport.staff.roles import Role
from rapport.workspace.offered import default_recipients
from rapport.workspace.tests.conftest import signed_in
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

ADA = "ada@customer.example"
EVE = "Eve <eve@evil.example>"
VOUCHED = "mx.velonord.example; dmarc=pass header.from=evil.example"


@pytest.fixture
def company() -> World:
    return world.build(mail_server="mx.velonord.example")


def test_a_number_and_a_participant_in_reply_to_let_no_stranger_in(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    raw = receive(
        company.inbox,
        mail(sender=EVE, subject=f"#{conversation.number}", Reply_To=ADA, Authentication_Results=VOUCHED),
    )
    assert conversation_of(raw) != conversation


def test_an_answer_with_a_participant_only_in_reply_to_is_shown_as_unverified(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = answered(company, conversation)
    first = receive(company.inbox, mail(sender=EVE, Reply_To=ADA, In_Reply_To=sent.identity))
    message = Message.objects.get(raw=first)
    assert (message.conversation, message.unverified) == (conversation, True)


def test_a_mail_without_a_sender_joins_no_other_one(company: World) -> None:
    first = receive(company.inbox, b"Subject: one\r\nMessage-ID: <a1@x>\r\n\r\nfirst")
    answer = b"Subject: two\r\nMessage-ID: <a2@x>\r\nIn-Reply-To: <a1@x>\r\n\r\nsecond"
    second = receive(company.inbox, answer)
    assert conversation_of(first) != conversation_of(second)


def answered(company: World, conversation: Conversation) -> Message:
    return reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<div>Yes</div>", to=parse_addresses([ADA])),
        undo=timedelta(0),
    )


def test_a_participants_answer_with_somebody_else_in_reply_to_is_not_answered_to_them(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = answered(company, conversation)
    raw = receive(company.inbox, mail(Reply_To=EVE, In_Reply_To=sent.identity, text="Send it there"))
    message = Message.objects.get(raw=raw)
    assert (message.conversation, message.unverified) == (conversation, True)
    to, cc = default_recipients(conversation, message_answered(conversation))
    assert "eve@evil.example" not in {address.value for address in (*to, *cc)}


def test_a_number_and_somebody_else_in_reply_to_is_not_answered_to_them(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    vouched = VOUCHED.replace("evil.example", "customer.example")
    subject = f"Still nothing #{conversation.number}"
    raw = receive(company.inbox, mail(subject=subject, Reply_To=EVE, Authentication_Results=vouched))
    message = Message.objects.get(raw=raw)
    assert (message.conversation, message.unverified) == (conversation, True)


def test_two_mails_without_a_sender_are_not_of_one_customer(company: World) -> None:
    raws = [
        receive(company.inbox, f"Subject: {n}\r\nMessage-ID: <{n}@x>\r\n\r\nsecret {n}".encode())
        for n in ("one", "two")
    ]
    first, second = (conversation_of(raw) for raw in raws)
    assert first.customer != second.customer
    assert first.identity is None
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    page = client.get(f"/conversations/{first.number}").content.decode()
    assert "secret one" in page
    assert "secret two" not in page


@pytest.mark.parametrize("more", [{}, {"List_Id": "<support.velonord.example>"}])
def test_a_header_that_anybody_can_write_makes_no_mail_the_victims(
    company: World, more: dict[str, str]
) -> None:
    raw = receive(company.inbox, mail(sender=EVE, X_Original_Sender=ADA, **more))
    message = Message.objects.get(raw=raw)
    assert message.sender_address == "eve@evil.example"


def test_where_a_group_names_the_sender_the_address_in_from_stays_visible(company: World) -> None:
    group = {"List_Id": "<list.evil.example>", "X_Original_Sender": ADA}
    raw = receive(company.inbox, mail(sender="list@evil.example", **group))
    assert Message.objects.get(raw=raw).sender_address == ADA
    page = signed_in(company.agent(Role.ADMINISTRATOR)).get(f"/conversations/{conversation_of(raw).number}")
    assert "The address in its From is list@evil.example." in page.content.decode()
