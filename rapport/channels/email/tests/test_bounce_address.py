"""The sender of the envelope tells which mail came back, where the server returns nothing of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from rapport.channels.email import smtp
from rapport.channels.email.actions.connect import connect
from rapport.channels.email.models import EmailSettings, Outgoing, Security
from rapport.channels.email.reply_token import plus_address
from rapport.channels.email.tests.scripted_smtp import Script, smtp_server
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Delivery, Message, Status
from rapport.conversations.recipients import parse_addresses
from rapport.kernel import clock
from rapport.kernel.clock import now
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, mail, receive

ADA = "ada@customer.example"


@pytest.fixture
def company(db: None) -> World:
    return world.build()


@pytest.fixture(autouse=True)
def _no_connection_is_left() -> Iterator[None]:
    yield
    smtp.close_idle()


def sent_by(company: World, script: Script, *, proven: bool = True) -> Message:
    EmailSettings.objects.create(
        inbox=company.inbox,
        outgoing=Outgoing.SMTP,
        smtp_host="127.0.0.1",
        smtp_port=script.port,
        smtp_security=Security.NONE,
        plus_proven_at=now() if proven else None,
        plus_proven_for=company.inbox.address if proven else "",
    )
    conversation = conversation_of(receive(company.inbox, mail()))
    answer = Answer(html="<p>Yes</p>", to=parse_addresses([ADA]))
    sent = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    send_out()
    return sent


def sent_again(company: World) -> None:
    another = mail(subject="Another")
    conversation = conversation_of(receive(company.inbox, another))
    answer = Answer(html="<p>Yes</p>", to=parse_addresses([ADA]))
    reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    send_out()


def send_out() -> None:
    outbox = queue("delivery")
    for row in claim(outbox.rows(), limit=10, lease=outbox.lease, worker="test", order=outbox.order):
        outbox.handler(row)


def senders(script: Script) -> list[str]:
    spoken = [each for each in script.commands if each.lower().startswith("mail from:")]
    return [each.partition("<")[2].partition(">")[0] for each in spoken]


def test_a_bounce_of_words_alone_fitted_no_message(company: World) -> None:
    with smtp_server(Script()) as script:
        sent = sent_by(company, script)
    (sender,) = senders(script)
    assert sender == plus_address(sent.token, company.inbox.address)
    receive(
        company.inbox,
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.customer.example\nTo: {sender}\n"
        "Subject: Undelivered Mail Returned to Sender\nMessage-ID: <b1@mx.customer.example>\n\n"
        f"I am sorry. Your message could not be delivered.\n\n<{ADA}>: 550 5.1.1 User unknown\n".encode(),
    )
    assert Delivery.objects.get().recipients.get().state == "bounced"
    conversation = Conversation.objects.get()
    assert (conversation.delivery_failed, conversation.status) == (True, Status.OPEN)


def test_an_unproven_plus_address_is_no_sender(company: World) -> None:
    with smtp_server(Script()) as script:
        sent_by(company, script, proven=False)
    assert senders(script) == [company.inbox.address]


@pytest.mark.parametrize("when", ["MAIL FROM:<support+r.", "RCPT TO", "."])
def test_a_server_that_refuses_that_sender_gets_the_inbox_itself(company: World, when: str) -> None:
    with smtp_server(Once({when: "553 5.7.1 Sender address rejected: not owned by user"})) as script:
        sent_by(company, script)
    assert len(senders(script)) == 2
    assert senders(script)[1] == company.inbox.address
    assert Delivery.objects.get().state == "done"


@pytest.mark.parametrize("refusal", ["450 4.7.1 Sender rejected", "553 5.7.1 Sender rejected"])
def test_each_mail_asked_a_server_anew_that_takes_no_plus_address_as_sender(
    company: World, refusal: str
) -> None:
    with smtp_server(Script({"MAIL FROM:<support+r.": refusal})) as script:
        sent_by(company, script)
        sent_again(company)
    assert [each for each in senders(script) if "+r." not in each] == [company.inbox.address] * 2
    assert len(senders(script)) == 3
    assert list(Delivery.objects.values_list("state", flat=True)) == ["done", "done"]


def test_a_server_that_was_busy_once_cost_an_inbox_its_bounce_addresses_for_a_week(company: World) -> None:
    with smtp_server(Once({"MAIL FROM:": "451 4.3.2 System not accepting messages"})) as script:
        sent_by(company, script)
        sent_again(company)
    assert ["+r." in each for each in senders(script)] == [True, False, True]
    assert list(Delivery.objects.values_list("state", flat=True)) == ["done", "done"]


def test_a_server_that_takes_no_sender_at_all_says_nothing_of_plus_addresses(company: World) -> None:
    with smtp_server(Once({"MAIL FROM:": "452 4.3.1 too busy", "MAIL FROM:<support@": "452 busy"})) as script:
        sent_by(company, script)
        sent_again(company)
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["queued", "done"]
    assert "+r." in senders(script)[-1]


def test_another_server_is_asked_again_for_a_plus_address_as_sender(company: World) -> None:
    with smtp_server(Script({"MAIL FROM:<support+r.": "553 not yours"})) as script:
        sent_by(company, script)
    with smtp_server(Script()) as other:
        values = {"smtp_host": "localhost", "smtp_port": other.port}
        connect(actor=company.agent(Role.ADMINISTRATOR), inbox=company.inbox, values=values)
        sent_again(company)
    assert len(other.mails) == 1
    assert "+r." in senders(other)[0]


def test_a_refused_plus_address_is_offered_again_after_a_week(company: World) -> None:
    with smtp_server(Script({"MAIL FROM:<support+r.": "553 not yours"})) as script:
        sent_by(company, script)
        with clock.travel(now() + timedelta(days=8)):
            sent_again(company)
    assert [("+r." in each) for each in senders(script)] == [True, False, True, False]


class Once(Script):
    """Says each of its replies once, and then what any server says."""

    def reply(self, command: str, default: str) -> str:
        found = next((key for key in self.replies if command.upper().startswith(key.upper())), None)
        if found is None:
            return default
        said = self.replies[found]
        self.replies = {key: value for key, value in self.replies.items() if key != found}
        return said


@pytest.mark.parametrize("when", ["MAIL FROM:", "."])
def test_a_mail_that_is_too_large_was_sent_once_more_with_another_sender(company: World, when: str) -> None:
    with smtp_server(Script({when: "552 5.3.4 message too big"})) as script:
        sent_by(company, script)
    assert ["+r." in each for each in senders(script)] == [True]
    assert Delivery.objects.get().state == "failed"
