"""A mail becomes a conversation, its answer joins it, and what is doubtful waits where a person sees it."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.channels.delivery.queue import due
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Message, Status
from rapport.conversations.outgoing import build as build_outgoing
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome
from tests import world
from tests.world import World, conversation_of, ingest, mail, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    return world.build()


def answered(company: World, text: str = "It is on its way.") -> tuple[Conversation, Message]:
    conversation = conversation_of(receive(company.inbox, mail()))
    sent = reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html=f"<div>{text}</div>", to=parse_addresses(["ada@customer.example"])),
        undo=timedelta(0),
    )
    conversation.refresh_from_db()
    return conversation, sent


def test_a_new_mail_begins_a_conversation(company: World) -> None:
    raw = receive(company.inbox, mail())
    conversation = conversation_of(raw)
    assert raw.outcome == Outcome.PARSED
    assert conversation.subject == "Where is my parcel?"
    assert conversation.status == Status.NEW
    assert conversation.customer.name == "Ada Byron"
    assert conversation.team == company.team
    assert conversation.waiting_since is not None


def test_the_same_mail_twice_is_one_message(company: World) -> None:
    receive(company.inbox, mail())
    receive(company.inbox, mail())
    assert Message.objects.count() == 1


def test_an_answer_with_our_token_joins_and_reopens(company: World) -> None:
    conversation, sent = answered(company)
    assert conversation.status == Status.WAITING
    raw = receive(company.inbox, mail(text="Thank you!", subject="Re: Where", In_Reply_To=sent.identity))
    conversation.refresh_from_db()
    assert conversation_of(raw) == conversation
    assert conversation.status == Status.OPEN
    assert conversation.assignee == company.agent()


def test_a_stranger_with_our_token_is_shown_as_unverified(company: World) -> None:
    conversation, sent = answered(company)
    raw = receive(company.inbox, mail(sender="eve@other.example", text="It is me", In_Reply_To=sent.identity))
    message = Message.objects.get(raw=raw)
    assert message.conversation == conversation
    assert message.unverified


def test_a_forged_token_joins_nothing(company: World) -> None:
    conversation, sent = answered(company)
    forged = sent.identity.replace(sent.identity[-25:-20], "aaaaa")
    raw = receive(company.inbox, mail(sender="eve@other.example", text="Hi", In_Reply_To=forged))
    assert raw.outcome == Outcome.PARSED
    assert conversation_of(raw) != conversation


def test_a_number_in_the_subject_is_only_a_hint(company: World) -> None:
    conversation, _sent = answered(company)
    raw = receive(company.inbox, mail(subject=f"About #{conversation.number}", text="Another thing"))
    assert conversation_of(raw) != conversation


def test_mail_from_staff_waits_in_the_tray(company: World) -> None:
    raw = receive(company.inbox, mail(sender="manager@staff.example"))
    assert raw.outcome == Outcome.QUARANTINED
    assert not Message.objects.exists()


def test_one_mail_to_two_inboxes_is_one_conversation(company: World) -> None:
    content = mail(to="support@velonord.example, workshop@refit.example")
    first = receive(company.inbox, content)
    second = receive(company.other_inbox, content)
    assert second.outcome == Outcome.DUPLICATE
    assert Conversation.objects.count() == 1
    assert conversation_of(first).places.count() == 2


def test_the_outgoing_message_carries_the_words_and_the_identity(company: World) -> None:
    _conversation, sent = answered(company)
    delivery = due().get()
    outgoing, inbox = build_outgoing(delivery)
    assert inbox == company.inbox
    assert outgoing.identity == sent.identity
    assert "It is on its way." in outgoing.text
    assert "where is my parcel" in outgoing.html
    assert outgoing.to[0].value == "ada@customer.example"


def test_an_out_of_office_note_reopens_nothing(company: World) -> None:
    conversation, sent = answered(company)
    receive(
        company.inbox,
        mail(text="I am away", Auto_Submitted="auto-replied", In_Reply_To=sent.identity),
    )
    conversation.refresh_from_db()
    assert conversation.status == Status.WAITING


def test_old_mail_arrives_solved_with_our_answers_as_ours(company: World) -> None:
    question = mail(Message_ID="<old1@customer.example>", Date="Mon, 03 Mar 2025 10:00:00 +0100")
    answer = mail(
        sender="support@velonord.example",
        to="ada@customer.example",
        subject="Re: Where is my parcel?",
        text="Delivered yesterday.",
        In_Reply_To="<old1@customer.example>",
        Date="Mon, 03 Mar 2025 12:00:00 +0100",
    )
    at = datetime(2025, 3, 3, 12, tzinfo=UTC)
    for content in (question, answer):
        store_raw(inbox=company.inbox, content=content, source="imap", origin="import", received_at=at)
    ingest()
    conversation = Conversation.objects.get()
    assert conversation.status == Status.SOLVED
    assert conversation.last_message_at.year == 2025
    assert [m.direction for m in conversation.messages.order_by("id")] == ["in", "out"]
    assert not conversation.deliveries.exists()
