"""Which message a forward passes on, and whom an answer goes to, while the conversation goes on."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from rapport.conversations.actions.acknowledge import acknowledge
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Draft, Message, SideMessage
from rapport.conversations.recipients import parse_addresses
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, conversation_of, mail, receive

ADA, BOB, LAB = "ada@customer.example", "bob@firm.example", "lab@parts.example"


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.REPRESENTATIVE))


@pytest.fixture
def shared(company: World) -> Conversation:
    """A conversation of Ada's with Bob in copy."""
    return conversation_of(receive(company.inbox, mail(Cc=BOB, Message_ID="<first@customer.example>")))


def form_of(client: Client, conversation: Conversation, mode: str = "") -> dict[str, str]:
    """Return what the composer would post as it is shown."""
    page = client.get(f"/conversations/{conversation.number}?part=composer&mode={mode}").content.decode()
    return fields_in(page)


def fields_in(page: str) -> dict[str, str]:
    wanted = ("token", "offered", "message", "nonce", "mode", "to", "cc", "bcc", "html")
    found = {name: re.search(rf'<input[^>]*\bname="{name}"[^>]*\bvalue="([^"]*)"', page) for name in wanted}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def post(client: Client, conversation: Conversation, act: str, fields: dict[str, str]) -> tuple[int, str]:
    answer = client.post(f"/conversations/{conversation.number}/{act}", fields, headers=SCRIPT)
    return answer.status_code, answer.content.decode()


def sent(company: World, conversation: Conversation) -> Message:
    wanted = Answer(html="<p>We ask the supplier</p>", to=parse_addresses([ADA]))
    return reply(agent=company.agent(), conversation_id=conversation.pk, answer=wanted, undo=timedelta(0))


def test_a_mail_that_came_while_a_forward_was_typed_was_forwarded(
    client: Client, company: World, conversation: Conversation
) -> None:
    typed = form_of(client, conversation, "forward") | {"to": LAB, "html": "<p>Please look</p>"}
    receive(company.inbox, mail(text="My IBAN is DE12", In_Reply_To=sent(company, conversation).identity))
    status, page = post(client, conversation, "forward", typed)
    assert (status, SideMessage.objects.count()) == (409, 0)
    again = fields_in(page)
    assert again["message"] == typed["message"]
    assert post(client, conversation, "forward", again)[0] == 200
    side = SideMessage.objects.get()
    assert "where is my parcel" in side.html
    assert "DE12" not in side.html


def test_a_forward_held_our_acknowledgement_or_answer(
    client: Client, company: World, conversation: Conversation
) -> None:
    assert acknowledge(conversation_id=conversation.pk, text="We have received it", subject="Received")
    sent(company, conversation)
    asked = Message.objects.order_by("pk").first()
    shown = form_of(client, conversation, "forward")
    assert asked is not None
    assert shown["message"] == str(asked.pk)
    post(client, conversation, "forward", shown | {"to": LAB, "html": "<p>Look</p>"})
    side = SideMessage.objects.get()
    assert "where is my parcel" in side.html
    assert "We have received it" not in side.html
    assert "We ask the supplier" not in side.html


def test_a_strangers_mail_was_forwarded(client: Client, company: World, conversation: Conversation) -> None:
    ours = sent(company, conversation)
    receive(company.inbox, mail(sender="eve@evil.example", text="Evil words", In_Reply_To=ours.identity))
    post(client, conversation, "forward", form_of(client, conversation, "forward") | {"to": LAB})
    assert "Evil words" not in SideMessage.objects.get().html


def test_a_message_of_another_conversation_is_not_forwarded(
    client: Client, company: World, conversation: Conversation
) -> None:
    other = receive(company.inbox, mail(sender="carl@else.example", text="Secret"))
    theirs = str(Message.objects.get(raw=other).pk)
    shown = form_of(client, conversation, "forward") | {"to": LAB, "message": theirs}
    assert post(client, conversation, "forward", shown)[0] == 404
    assert not SideMessage.objects.exists()


def test_the_composer_says_which_message_is_forwarded(client: Client, conversation: Conversation) -> None:
    page = client.get(f"/conversations/{conversation.number}?part=composer&mode=forward").content.decode()
    assert "below it the message of Ada Byron" in page


def test_a_draft_sent_an_answer_to_somebody_the_customer_had_left_out(
    client: Client, company: World, shared: Conversation
) -> None:
    ours = sent(company, shared)
    shown = form_of(client, shared, "reply") | {"html": "<p>Half</p>", "mode": "reply"}
    assert shown["cc"] == BOB
    post(client, shared, "draft", shown)
    assert Draft.objects.get().cc == []
    receive(company.inbox, mail(text="Do not tell Bob", In_Reply_To=ours.identity))
    again = form_of(client, shared)
    assert (again["html"], again["cc"]) == ("<p>Half</p>", "")


def test_recipients_that_were_chosen_stay_and_sending_stops_where_the_customer_wrote_since(
    client: Client, company: World, shared: Conversation
) -> None:
    ours = sent(company, shared)
    chosen = f"{BOB}, carl@firm.example"
    shown = form_of(client, shared, "reply") | {"html": "<p>Half</p>", "cc": chosen, "mode": "reply"}
    post(client, shared, "draft", shown)
    receive(company.inbox, mail(text="Do not tell Bob", In_Reply_To=ours.identity))
    again = form_of(client, shared)
    assert again["cc"] == chosen
    assert post(client, shared, "reply", again)[0] == 409


def test_a_stop_brought_back_recipients_that_nobody_chose(
    client: Client, company: World, shared: Conversation
) -> None:
    ours = sent(company, shared)
    typed = form_of(client, shared, "reply") | {"html": "<p>Half</p>", "status": "solved"}
    receive(company.inbox, mail(text="Do not tell Bob", In_Reply_To=ours.identity))
    status, page = post(client, shared, "reply", typed)
    assert status == 409
    assert (fields_in(page)["to"], fields_in(page)["cc"]) == (f"Ada Byron <{ADA}>", "")


def test_send_and_solve_became_waiting_after_a_stop(
    client: Client, company: World, conversation: Conversation
) -> None:
    typed = form_of(client, conversation, "reply") | {"html": "<p>Done</p>", "status": "solved", "token": "0"}
    _status, page = post(client, conversation, "reply", typed)
    button = next(each for each in re.findall(r"<button[^>]*>", page) if "formaction" in each)
    assert 'name="status"' in button
    assert 'value="solved"' in button


def test_an_answer_went_to_the_forwarder_after_somebody_else_became_the_customer(
    client: Client, company: World
) -> None:
    raw = receive(
        company.inbox,
        mail(
            sender="Colleague <colleague@firm.example>",
            subject="Fwd: Wheel",
            text="---------- Forwarded message ---------\nFrom: Ada Byron <ada@customer.example>\n"
            "Date: Mon, 1 Jun 2026 at 10:00\nSubject: Wheel\nTo: <colleague@firm.example>\n\nMy wheel broke.",
        ),
    )
    conversation = conversation_of(raw)
    shown = form_of(client, conversation, "reply") | {"html": "<p>Hello</p>", "mode": "reply"}
    assert shown["to"] == "Colleague <colleague@firm.example>"
    post(client, conversation, "draft", shown)
    message = str(Message.objects.get().pk)
    assert post(client, conversation, "customer", {"message": message})[0] == 200
    assert form_of(client, conversation)["to"] == f"Ada Byron <{ADA}>"
    status, page = post(client, conversation, "reply", shown)
    assert status == 409
    assert fields_in(page)["to"] == f"Ada Byron <{ADA}>"


@pytest.mark.parametrize("name", ["postmaster", "bounce", "unattended"])
def test_the_owner_of_a_small_firm_could_not_be_answered(client: Client, company: World, name: str) -> None:
    owner = f"{name}@tischlerei.example"
    conversation = conversation_of(receive(company.inbox, mail(sender=owner, text="A question of mine")))
    shown = form_of(client, conversation, "reply") | {"html": "<p>Yes</p>"}
    assert shown["to"] == owner
    assert post(client, conversation, "reply", shown)[0] == 200
