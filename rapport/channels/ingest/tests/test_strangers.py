"""Nobody comes into a thread by writing somebody else's address, or none."""

from datetime import timedelta

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Message
from rapport.conversations.recipients import parse_addresses
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

ADA = "ada@customer.example"
EVE = "Eve <eve@evil.example>"
VOUCHED = "mx.velonord.example; dmarc=pass header.from=evil.example"


@pytest.fixture
def company() -> World:
    built = world.build()
    EmailSettings.objects.update_or_create(inbox=built.inbox, defaults={"authserv_id": "mx.velonord.example"})
    return built


def test_a_number_and_a_participant_in_reply_to_let_no_stranger_in(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    raw = receive(
        company.inbox,
        mail(sender=EVE, subject=f"#{conversation.number}", Reply_To=ADA, Authentication_Results=VOUCHED),
    )
    assert conversation_of(raw) != conversation


def test_an_answer_with_a_participant_only_in_reply_to_is_shown_as_unverified(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<div>Yes</div>", to=parse_addresses([ADA])),
        undo=timedelta(0),
    )
    first = receive(company.inbox, mail(sender=EVE, Reply_To=ADA, In_Reply_To=sent.identity))
    message = Message.objects.get(raw=first)
    assert (message.conversation, message.unverified) == (conversation, True)


def test_a_mail_without_a_sender_joins_no_other_one(company: World) -> None:
    first = receive(company.inbox, b"Subject: one\r\nMessage-ID: <a1@x>\r\n\r\nfirst")
    answer = b"Subject: two\r\nMessage-ID: <a2@x>\r\nIn-Reply-To: <a1@x>\r\n\r\nsecond"
    second = receive(company.inbox, answer)
    assert conversation_of(first) != conversation_of(second)
