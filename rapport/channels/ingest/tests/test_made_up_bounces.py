"""Whoever got a mail of ours knows its Message-ID, and could report somebody else's address as dead."""

from datetime import timedelta

import pytest

from rapport.channels.ingest.decide import dismiss, is_retryable, retry
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.models import Conversation, Delivery, Message, Status
from rapport.conversations.recipients import parse_addresses
from rapport.customers.models import Identity
from rapport.inboxes.models import Outcome
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, ingest, mail, receive

pytestmark = pytest.mark.django_db

ADA = "ada@customer.example"
BOB = "bob@elsewhere.example"


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    return conversation_of(receive(company.inbox, mail()))


def send(company: World, conversation: Conversation, *cc: str) -> Message:
    answer = Answer(html="<div>Yes</div>", to=parse_addresses([ADA]), cc=parse_addresses(list(cc)))
    sent = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    Delivery.objects.update(state="done")
    Delivery.objects.get().recipients.update(state="sent")
    return sent


def report(quoted: str, failed: str = ADA) -> bytes:
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.elsewhere.example\nSubject: failure notice\n"
        "Message-ID: <report@elsewhere.example>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNo.\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {failed}\nAction: failed\nStatus: 5.1.1\n\n--b\n"
        f"Content-Type: message/rfc822\n\nMessage-ID: {quoted}\n\n--b--\n"
    ).encode()


def bounced() -> bool:
    return Identity.objects.get(value=ADA).bounced_at is not None


def test_the_only_recipients_bounce_marks_the_address(company: World, conversation: Conversation) -> None:
    receive(company.inbox, report(send(company, conversation).identity))
    conversation.refresh_from_db()
    assert bounced()
    assert conversation.status == Status.OPEN


def test_one_who_got_a_copy_marks_nobody_elses_address(company: World, conversation: Conversation) -> None:
    raw = receive(company.inbox, report(send(company, conversation, BOB).identity))
    conversation.refresh_from_db()
    assert raw.outcome == Outcome.NOTED
    assert not bounced()
    # It may be true all the same, so a person sees it.
    assert conversation.delivery_failed
    assert Delivery.objects.get().recipients.get(address=ADA).state == "bounced"


def test_whoever_answered_is_not_reported_dead_by_others(company: World, conversation: Conversation) -> None:
    sent = send(company, conversation)
    receive(company.inbox, mail(text="Thanks", Cc=BOB, In_Reply_To=sent.identity))
    receive(company.inbox, report(sent.identity))
    assert not bounced()


def test_a_report_on_somebody_else_marked_the_only_recipients_address(
    company: World, conversation: Conversation
) -> None:
    receive(company.inbox, report(send(company, conversation).identity, failed=BOB))
    conversation.refresh_from_db()
    assert not bounced()
    # Their mail may be forwarded there, so the message did not arrive.
    assert conversation.delivery_failed


def test_a_customers_words_with_a_report_attached_were_taken_for_a_bounce(
    company: World, conversation: Conversation
) -> None:
    sent = send(company, conversation)
    content = (
        f"From: {ADA}\nSubject: My order\nMessage-ID: <a@customer.example>\nIn-Reply-To: {sent.identity}\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nPlease cancel my order!\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; {BOB}\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    ).encode()
    raw = receive(company.inbox, content)
    assert raw.outcome == Outcome.PARSED
    assert Message.objects.get(raw=raw).text == "Please cancel my order!"
    assert not bounced()


def test_an_address_was_marked_as_dead_for_good(company: World, conversation: Conversation) -> None:
    sent = send(company, conversation)
    receive(company.inbox, report(sent.identity))
    receive(company.inbox, mail(sender="Mallory <mallory@evil.example>", Reply_To=ADA, text="Not Ada"))
    assert bounced()
    receive(company.inbox, mail(text="It works again", In_Reply_To=sent.identity))
    assert not bounced()


def test_a_bounce_that_was_dismissed_and_read_again_counted_twice(
    company: World, conversation: Conversation
) -> None:
    raw = receive(company.inbox, report(send(company, conversation).identity))
    lead = company.agent(Role.TEAM_LEAD)
    set_status(agent=lead, conversation_id=conversation.pk, status=Status.SOLVED)
    dismiss(agent=lead, raw=raw)
    raw.refresh_from_db()
    assert not is_retryable(raw)
    retry(raw=raw)
    ingest()
    conversation.refresh_from_db()
    assert conversation.status == Status.SOLVED
    assert conversation.entries.filter(kind="bounced").count() == 1
