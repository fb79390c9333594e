"""The whole circle through real servers: a customer's mail, our answer in their mailbox, their next mail."""

import email
import email.policy
import smtplib
import time
from datetime import timedelta
from email.message import EmailMessage

import pytest

from rapport.channels.email import smtp
from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
from rapport.channels.email.receive import mailbox
from rapport.channels.email.receive.folder import read_folder
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.testing.conformance import read_all
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Delivery, Message
from rapport.inboxes.contract import Address
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
ADDRESS = "help@shop.example"


def fetch(settings: EmailSettings) -> None:
    box = mailbox.connect(settings)
    try:
        read_folder(box, settings, "INBOX", stopped=lambda: False)
    finally:
        mailbox.close(box)


def send_all() -> None:
    delivery = queue("delivery")
    for row in claim(delivery.rows(), limit=10, lease=delivery.lease, worker="test", order=delivery.order):
        delivery.handler(row)
    smtp.close_idle()


def newest(server: Dovecot, address: str, count: int) -> EmailMessage:
    end = time.monotonic() + 20
    while len(server.messages(address)) < count:
        assert time.monotonic() < end
        time.sleep(0.05)
    return email.message_from_bytes(server.messages(address)[-1], policy=email.policy.default)


def test_a_customer_is_answered_and_answers(dovecot: Dovecot, postfix_to_dovecot: Postfix) -> None:
    inbox = make_inbox(
        ADDRESS,
        incoming=Incoming.IMAP,
        imap_host=dovecot.host,
        imap_port=dovecot.imap_port,
        imap_security=Security.NONE,
        imap_user=ADDRESS,
        imap_secret=dovecot.password,
        outgoing=Outgoing.SMTP,
        smtp_host=postfix_to_dovecot.host,
        smtp_port=postfix_to_dovecot.port,
        smtp_security=Security.NONE,
    )
    settings = EmailSettings.objects.select_related("inbox").get()
    agent = Agent.objects.create(
        account=Account.objects.create(email="ada@staff.example"), name="Ada", role=Role.ADMINISTRATOR
    )
    agent.teams.add(inbox.team)
    agent.brands.add(inbox.brand)
    fetch(settings)

    def write(content: EmailMessage) -> None:
        with smtplib.SMTP(postfix_to_dovecot.host, postfix_to_dovecot.port) as client:
            client.send_message(content, "ann@example.org", [ADDRESS])
        postfix_to_dovecot.drain()
        fetch(settings)
        read_all()

    question = EmailMessage()
    question["From"], question["To"], question["Subject"] = "Ann <ann@example.org>", ADDRESS, "Bell"
    question["Message-ID"] = "<q1@example.org>"
    question.set_content("My bell does not ring.")
    write(question)
    conversation = Conversation.objects.get()

    reply(
        agent=agent,
        conversation_id=conversation.pk,
        answer=Answer(html="<p>It will <b>ring</b>.</p>", to=(Address("ann@example.org", "Ann"),)),
        undo=timedelta(0),
    )
    send_all()
    assert Delivery.objects.get().state == "done"
    postfix_to_dovecot.drain()
    got = newest(dovecot, "ann@example.org", 1)
    sent = Message.objects.get(direction="out")
    assert got["Message-ID"] == sent.identity
    assert got["In-Reply-To"] == "<q1@example.org>"
    assert "<b>ring</b>" in got.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "It will" in got.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    thanks = EmailMessage()
    thanks["From"], thanks["To"], thanks["Subject"] = "Ann <ann@example.org>", ADDRESS, "Re: Bell"
    thanks["Message-ID"], thanks["In-Reply-To"] = "<q2@example.org>", got["Message-ID"]
    thanks.set_content("Thank you!")
    write(thanks)
    assert Conversation.objects.count() == 1
    assert list(conversation.messages.order_by("id").values_list("direction", flat=True)) == [
        "in",
        "out",
        "in",
    ]
    assert not Message.objects.get(identity="<q2@example.org>").unverified
