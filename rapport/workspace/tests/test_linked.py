"""A conversation that has to do with another one says how, and leads there."""

from datetime import timedelta

from django.test import Client

from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.models import Conversation, Message, Status
from rapport.conversations.recipients import parse_addresses
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive

ADA = "ada@customer.example"


def answered(company: World, conversation: Conversation) -> Message:
    answer = Answer(html="<p>On its way</p>", to=parse_addresses([ADA]))
    return reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))


def line_of(client: Client, begun: Conversation, other: Conversation) -> str:
    page = client.get(f"/conversations/{begun.number}").content.decode()
    (line,) = [line for line in page.split("<li ") if 'data-kind="linked"' in line]
    assert f'<a href="/conversations/{other.number}"' in line
    return line


def test_a_follow_up_said_that_it_may_belong_to_the_closed_one_and_led_nowhere(
    company: World, conversation: Conversation
) -> None:
    ours = answered(company, conversation)
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.CLOSED)
    begun = conversation_of(receive(company.inbox, mail(text="Once more", In_Reply_To=ours.identity)))
    assert begun != conversation
    line = line_of(signed_in(company.agent(Role.REPRESENTATIVE)), begun, conversation)
    assert f"Goes on with #{conversation.number}" in line


def test_a_closed_conversation_said_nothing_of_what_the_customer_wrote_since(
    company: World, conversation: Conversation
) -> None:
    ours = answered(company, conversation)
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.CLOSED)
    begun = conversation_of(receive(company.inbox, mail(text="Once more", In_Reply_To=ours.identity)))
    line = line_of(signed_in(company.agent(Role.REPRESENTATIVE)), conversation, begun)
    assert f"Goes on in #{begun.number}" in line
    assert "The customer" not in line
    conversation.refresh_from_db()
    assert conversation.status == Status.CLOSED


def test_what_may_belong_to_another_leads_there(company: World, conversation: Conversation) -> None:
    theirs = Message.objects.get(conversation=conversation)
    stranger = mail(sender="mallory@other.example", text="Me too", In_Reply_To=theirs.identity)
    begun = conversation_of(receive(company.inbox, stranger))
    line = line_of(signed_in(company.agent(Role.REPRESENTATIVE)), begun, conversation)
    assert f"May belong to #{conversation.number}" in line
