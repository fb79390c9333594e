"""Mails of customers that look like those of mail servers or of absence programs, and must not be lost."""

import pytest

from rapport.channels.email import bounces, reply_token
from rapport.channels.email.parse import ParsedMail, parse
from rapport.channels.email.reactions import confirm_receipt
from rapport.channels.email.tests.conftest import make_inbox
from rapport.conversations.models import Conversation, Entry, Message, Status
from rapport.inboxes.models import Inbox, Outcome
from tests.world import receive

KEY = b"secret"
WORDS = "Leider konnte nicht festgestellt werden, wo das Paket ist. It was rejected and never delivered."


def mail(headers: str, body: str = WORDS) -> ParsedMail:
    return parse(headers.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + body.encode())


@pytest.mark.parametrize(
    "headers",
    [
        "From: Li <li@foxmail.com>\nSubject: Delivery of my order",
        "From: Li <li@foxmail.com>\nSubject: Delivery status of my order",
        "From: Luc <luc@luxmail.de>\nSubject: Lieferung",
        "From: Support <team@bouncecastle.co.uk>\nSubject: Order",
        "From: Ian <irmta@shop.example>\nSubject: message delivery",
        "From: Blue Mail Filter Systems <office@blue.example>\nSubject: Mail not delivered",
        "From: form@shop.example\nAuto-Submitted: auto-generated\nSubject: Zustellung konnte nicht erfolgen",
        "Return-Path: <>\nFrom: a@example.org\nSubject: Paket",
        "Return-Path: <>\nFrom: a@example.org\nSubject: Zustellung",
        "From: Postmaster <postmaster@customer.example>\nSubject: Our order",
        "From: a@example.org\nSubject: Fwd: Undeliverable: my order",
    ],
)
def test_a_customers_mail_about_a_delivery_is_no_bounce(headers: str) -> None:
    assert bounces.read(mail(headers)) is None


def test_a_customers_answer_over_a_gateway_that_quotes_is_no_bounce() -> None:
    words = f"{WORDS}\n\n-----Original Message-----\nFrom: Shop\n\nHello"
    headers = "Return-Path: <>\nFrom: a@example.org\nSubject: Zustellung konnte nicht erfolgen"
    assert bounces.read(mail(headers, words)) is None


def test_a_forwarded_report_with_its_parts_is_no_bounce_of_ours() -> None:
    raw = """From: Ann <ann@example.org>
Subject: Fwd: Undelivered Mail Returned to Sender
Content-Type: multipart/mixed; boundary=b

--b

Why did your mail server send me this?
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; gone@example.org
Action: failed
Status: 5.1.1
--b--
"""
    assert bounces.read(parse(raw.encode())) is None


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ("From: MAILER-DAEMON@x.example\nSubject: failure notice", "550 no such user"),
        ("From: Postmaster <postmaster@x.example>\nSubject: Undeliverable Mail", "User unknown: a@b.example"),
        ("Return-Path: <>\nFrom: mx@x.example\nSubject: Returned mail: see here", "a@b.example: rejected"),
        ("From: bounce@x.example\nSubject: Mail", "<a@b.example> rejected\n\nMessage-ID: <{identity}>"),
    ],
)
def test_mail_servers_without_a_machine_readable_part_still_report(headers: str, words: str) -> None:
    identity = reply_token.message_id(reply_token.make_token(KEY), "shop.example").strip("<>")
    found = bounces.read(mail(headers, words.format(identity=identity)))
    assert found is not None
    assert found.kind == bounces.BOUNCE


def test_a_customer_at_foxmail_gets_a_conversation(inbox: Inbox) -> None:
    raw = receive(inbox, b"From: Li <li@foxmail.com>\r\nSubject: Delivery of my order\r\n\r\nNot delivered.")
    assert raw.outcome == Outcome.PARSED
    assert Message.objects.get(raw=raw).sender_address == "li@foxmail.com"


def test_a_failure_in_words_alone_that_fits_nothing_is_read_by_people(inbox: Inbox) -> None:
    words = "From: Postmaster <postmaster@x.example>\nSubject: Undeliverable Mail\n\nWe reject mail to Ann."
    raw = receive(inbox, words.encode())
    assert raw.outcome == Outcome.PARSED
    assert [found["kind"] for found in raw.verdicts][:1] == ["bounce"]


@pytest.mark.parametrize(
    "headers",
    [
        "Subject: Ausencia de piezas en mi pedido",
        "Subject: Abwesenheit bei Lieferung, Paket weg",
        "Subject: Ich bin im Urlaub, bitte später liefern",
        "Subject: Paket\nX-MS-Exchange-Inbox-Rules-Loop: a@example.org",
        "Subject: Paket\nAuto-Submitted: auto-forwarded",
        "Subject: Paket\nX-Auto-Generated: yes",
    ],
)
def test_a_subject_or_a_forwarding_rule_alone_keeps_no_customer_out(inbox: Inbox, headers: str) -> None:
    raw = receive(inbox, f"From: Ann <ann@example.org>\n{headers}\n\nWhere is it?".encode())
    assert raw.outcome == Outcome.PARSED
    conversation = Conversation.objects.get(messages__raw=raw)
    assert conversation.status == Status.NEW


def test_a_customers_answer_over_a_mailing_list_reopens(inbox: Inbox) -> None:
    first = receive(inbox, b"From: Ann <ann@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\nHello")
    conversation = Conversation.objects.get(messages__raw=first)
    Conversation.objects.filter(pk=conversation.pk).update(status=Status.WAITING)
    through_a_group = (
        "From: Ann <ann@example.org>\nMessage-ID: <2@example.org>\nIn-Reply-To: <1@example.org>\n"
        "List-Id: <support.shop.example>\nPrecedence: list\nSubject: Re: Hello\n\nIs anybody there?"
    )
    receive(inbox, through_a_group.encode())
    conversation.refresh_from_db()
    assert conversation.message_count == 2
    assert conversation.status == Status.OPEN


@pytest.mark.parametrize(
    "subject",
    ["Re: Abwesenheit", "Re: Out of office", "Ich bin im Urlaub, bitte später", "Ausencia de piezas"],
)
def test_a_customers_answer_with_the_subject_of_an_absence_reopens(inbox: Inbox, subject: str) -> None:
    first = receive(inbox, b"From: Ann <ann@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\nHello")
    conversation = Conversation.objects.get(messages__raw=first)
    Conversation.objects.filter(pk=conversation.pk).update(status=Status.WAITING)
    answer = f"From: Ann <ann@example.org>\nIn-Reply-To: <1@example.org>\nSubject: {subject}\n\nHello?"
    receive(inbox, answer.encode())
    conversation.refresh_from_db()
    assert (conversation.message_count, conversation.status) == (2, Status.OPEN)


@pytest.mark.parametrize("header", ["Subject: Abwesenheit von Frau Meier", "List-Id: <a.example.org>"])
@pytest.mark.django_db
def test_what_may_be_a_machine_gets_a_conversation_but_no_acknowledgement(header: str) -> None:
    inbox = make_inbox(acknowledge=True)
    for who, more in (("ann", f"{header}\n"), ("bob", "")):
        receive(inbox, f"From: {who}@example.org\n{more}\nHello".encode())
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)
    assert Conversation.objects.count() == 2
    sent = Message.objects.filter(direction="out", automatic=True)
    assert [each.to[0]["address"] for each in sent] == ["bob@example.org"]
