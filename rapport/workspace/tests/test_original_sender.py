"""The original sender of a forwarded mail: offered as the customer, and answered once made one."""

import pytest
from django.test import Client

from rapport.conversations.actions.note import add_note
from rapport.conversations.models import Conversation, Message
from rapport.conversations.queries.answered import message_answered
from rapport.customers.models import Identity
from rapport.staff.roles import Role
from rapport.workspace.offered import default_recipients
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db
FORWARD = (
    "Please look.\n\n---------- Forwarded message ---------\nFrom: Cara Lind <cara@customer.example>\n"
    "Subject: Bell\nTo: Ada <ada@customer.example>\n\nIt does not ring.\n"
)


@pytest.fixture
def forwarded(company: World) -> Message:
    raw = receive(company.inbox, mail(subject="Fwd: Bell", text=FORWARD))
    message = Message.objects.get(raw=raw)
    assert [reason["code"] for reason in message.why] == ["new", "forwarded"]
    return message


def offered(conversation: Conversation) -> list[str]:
    fresh = Conversation.objects.get(pk=conversation.pk)
    to, cc = default_recipients(fresh, message_answered(fresh))
    return [each.value for each in (*to, *cc)]


def accept(company: World, message: Message, role: Role = Role.REPRESENTATIVE) -> int:
    address = f"/conversations/{message.conversation.number}/customer"
    return signed_in(company.agent(role)).post(address, {"message": message.pk}).status_code


def test_an_accepted_original_sender_was_not_the_one_answered(company: World, forwarded: Message) -> None:
    assert offered(forwarded.conversation) == ["ada@customer.example"]
    accept(company, forwarded)
    assert offered(forwarded.conversation) == ["cara@customer.example"]


def test_who_writes_after_that_is_answered_again(company: World, forwarded: Message) -> None:
    accept(company, forwarded)
    again = mail(text="One more thing", In_Reply_To=forwarded.identity)
    assert conversation_of(receive(company.inbox, again)) == forwarded.conversation
    assert offered(forwarded.conversation) == ["ada@customer.example"]


def test_a_role_that_may_not_choose_the_customer_made_one(company: World, forwarded: Message) -> None:
    add_note(
        agent=company.agent(),
        conversation_id=forwarded.conversation_id,
        html="<p>Do you know her?</p>",
        mentioned_ids=[company.agent(Role.COLLABORATOR).pk],
    )
    assert accept(company, forwarded, Role.COLLABORATOR) == 403
    assert not Identity.objects.filter(value="cara@customer.example").exists()


def test_a_forwarded_mail_offers_its_first_sender(client: Client, company: World) -> None:
    text = (
        "See below.\n\n---------- Forwarded message ---------\nFrom: Ida Holm <ida@home.example>\n"
        "Date: Mon, 2 Nov 2026\nSubject: Broken\nTo: boss@velonord.example\n\nMy bike is broken.\n"
    )
    raw = receive(company.inbox, mail(sender="boss@partner.example", subject="Fwd: Broken", text=text))
    found = conversation_of(raw)
    page = client.get(f"/conversations/{found.number}").content.decode()
    assert "Ida Holm" in page
    message = Message.objects.get(raw=raw)
    answer = client.post(
        f"/conversations/{found.number}/customer", {"message": str(message.pk)}, headers=SCRIPT
    )
    assert answer.status_code == 200
    found.refresh_from_db()
    assert found.customer.name == "Ida Holm"
    assert found.identity is not None and found.identity.value == "ida@home.example"


def test_nobody_becomes_the_customer_whom_the_conversation_does_not_offer(
    client: Client, company: World, conversation: Conversation
) -> None:
    stranger = conversation_of(receive(company.inbox, mail(sender="x@y.example", subject="x"))).customer
    answer = client.post(
        f"/conversations/{conversation.number}/customer", {"customer": str(stranger.pk)}, headers=SCRIPT
    )
    assert answer.status_code == 400
