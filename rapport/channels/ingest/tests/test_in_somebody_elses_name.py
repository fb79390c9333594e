"""A mail that may not be of the customer it names begins a conversation that says so."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.ingest.decide import place_by_hand
from rapport.conversations.actions.accept_participant import accept_participant
from rapport.conversations.actions.acknowledge import acknowledge
from rapport.conversations.models import Conversation, Message, Participant
from rapport.conversations.queries.answered import message_answered
from rapport.customers.actions.identities import add_identity
from rapport.staff.roles import Role
from rapport.workspace.offered import default_recipients
from rapport.workspace.tests.conftest import signed_in
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db

ADA, EVE = "ada@customer.example", "eve@evil.example"
DISOWNED = "mx.velonord.example; dmarc=fail header.from=customer.example"


@pytest.fixture
def company() -> World:
    return world.build(mail_server="mx.velonord.example")


def offered(conversation: Conversation) -> list[str]:
    fresh = Conversation.objects.get(pk=conversation.pk)
    to, cc = default_recipients(fresh, message_answered(fresh))
    return [address.value for address in (*to, *cc)]


def page_of(company: World, conversation: Conversation) -> str:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    return client.get(f"/conversations/{conversation.number}").content.decode()


def test_a_forged_mail_began_a_conversation_with_the_forger_in_copy(company: World) -> None:
    raw = receive(company.inbox, mail(Cc=EVE, Authentication_Results=DISOWNED))
    conversation = conversation_of(raw)
    assert Message.objects.get(raw=raw).unverified
    assert offered(conversation) == [ADA]
    assert Participant.objects.get(address=EVE).pending
    page = page_of(company, conversation)
    assert page.count("mail server does not vouch for") == 2


def test_an_agent_who_knows_better_answers_the_copies_too(company: World) -> None:
    raw = receive(company.inbox, mail(Cc=EVE, Authentication_Results=DISOWNED))
    conversation, message = conversation_of(raw), Message.objects.get(raw=raw)
    accept_participant(agent=company.agent(), conversation_id=conversation.pk, message_id=message.pk)
    assert offered(conversation) == [ADA, EVE]


def test_a_forged_answer_that_a_lead_lets_in_says_that_it_is_disowned(company: World) -> None:
    first = receive(company.inbox, mail(Message_ID="<first@customer.example>"))
    forged = mail(text="x", Cc=EVE, In_Reply_To="<first@customer.example>", Authentication_Results=DISOWNED)
    raw = receive(company.inbox, forged)
    placed = place_by_hand(agent=company.agent(Role.TEAM_LEAD), raw=raw, conversation_id=None)
    assert placed != conversation_of(first).pk
    assert offered(Conversation.objects.get(pk=placed)) == [ADA]


def test_a_forged_mail_is_not_acknowledged(company: World) -> None:
    raws = [
        receive(company.inbox, mail(Authentication_Results=DISOWNED)),
        receive(company.inbox, mail(text="x")),
    ]
    sent = [
        acknowledge(conversation_id=conversation_of(raw).pk, text="It is here.", subject="Thanks")
        for raw in raws
    ]
    assert [message is not None for message in sent] == [False, True]


def in_reply_to(address: str, number: int, sender: str = "Ada Byron <eve@evil.example>") -> bytes:
    vouched = "mx.velonord.example; dmarc=pass header.from=evil.example"
    more = {"Reply_To": address, "Cc": "ada.byron@evil.example", "Authentication_Results": vouched}
    return mail(sender=sender, subject=f"Order {number}", text=f"Send it there {number}", **more)


def test_a_strangers_reply_to_began_a_conversation_as_the_customer_it_names(company: World) -> None:
    receive(company.inbox, mail())
    raw = receive(company.inbox, in_reply_to(ADA, 1))
    conversation = conversation_of(raw)
    assert Message.objects.get(raw=raw).unverified
    assert Participant.objects.get(address="ada.byron@evil.example").pending
    assert offered(conversation) == [ADA]
    page = page_of(company, conversation)
    assert "It names a customer whom we know, but another address wrote it." in page
    assert "This was written from eve@evil.example" in page


def test_whom_an_agent_accepted_beside_a_customer_needs_no_second_click(company: World) -> None:
    receive(company.inbox, mail())
    message = Message.objects.get(raw=receive(company.inbox, in_reply_to(ADA, 1)))
    accept_participant(agent=company.agent(), conversation_id=message.conversation_id, message_id=message.pk)
    again = Message.objects.get(raw=receive(company.inbox, in_reply_to(ADA, 2)))
    other = Message.objects.get(raw=receive(company.inbox, in_reply_to(ADA, 3, sender="e2@evil.example")))
    assert (again.unverified, other.unverified) == (False, True)


def test_whom_the_customer_copied_is_not_the_customer(company: World) -> None:
    vouched = "mx.velonord.example; dmarc=pass header.from=customer.example"
    copied = conversation_of(receive(company.inbox, mail(Cc=EVE, Authentication_Results=vouched)))
    assert not Participant.objects.get(conversation=copied, address=EVE).pending
    assert Message.objects.get(raw=receive(company.inbox, in_reply_to(ADA, 1, sender=EVE))).unverified


def test_the_inboxes_form_writes_for_the_customers_it_names(company: World) -> None:
    EmailSettings.objects.update(form_sender="form@shop.example")
    receive(company.inbox, mail())
    raw = receive(company.inbox, mail(sender="form@shop.example", text="From the form", Reply_To=ADA))
    assert not Message.objects.get(raw=raw).unverified


def test_a_confirmed_address_of_the_customer_is_the_customer(company: World) -> None:
    customer = conversation_of(receive(company.inbox, mail())).customer
    add_identity(agent=company.agent(Role.MANAGER), customer=customer, value=EVE, verified=True)
    assert not Message.objects.get(raw=receive(company.inbox, in_reply_to(ADA, 1, sender=EVE))).unverified
