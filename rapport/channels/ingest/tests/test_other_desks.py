"""Another company's desk writes "auto-generated" on what its people answer."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.reactions import confirm_receipt
from rapport.conversations.models import Conversation, Delivery, Entry, Message, Status
from tests import world
from tests.security.acting import answer_to
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.fixture
def sent(company: World) -> Message:
    EmailSettings.objects.update_or_create(inbox=company.inbox, defaults={"acknowledge": True})
    message: Message = answer_to(company, conversation_of(receive(company.inbox, mail())))
    return message


def status_after(company: World, sent: Message, **headers: str) -> str:
    receive(company.inbox, mail(text="We cannot deliver.", In_Reply_To=sent.identity, **headers))
    return Conversation.objects.get(pk=sent.conversation_id).status


@pytest.mark.parametrize(
    "header", [{"Auto_Submitted": "auto-generated"}, {"X_Auto_Generated": "yes"}, {"Auto_Submitted": "no"}]
)
def test_an_answer_through_another_desk_stayed_hidden(
    company: World, sent: Message, header: dict[str, str]
) -> None:
    assert status_after(company, sent, **header) == Status.OPEN
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)
    assert not Delivery.objects.filter(message__automatic=True).exists()


def test_an_absence_note_opens_nothing(company: World, sent: Message) -> None:
    assert status_after(company, sent, Auto_Submitted="auto-replied") == Status.WAITING
