"""The inbound steps: each verdict with its reason, and no verdict on a person's mail."""

import pytest

from rapport.channels.email import bounces, reply_token, threading, verdicts
from rapport.channels.email.explain import explain
from rapport.channels.email.parse import ParsedMail, parse

KEY = b"secret"


def mail(headers: str, body: str = "Hello, where is my parcel?") -> ParsedMail:
    return parse(headers.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + body.encode())


def kinds(parsed: ParsedMail, context: verdicts.Context | None = None) -> list[str]:
    judged = verdicts.judge(parsed, bounces.read(parsed), context or verdicts.Context())
    return [one.kind for one in judged]


def test_a_persons_mail_has_no_verdict() -> None:
    assert kinds(mail("From: Anna <anna@example.org>\nSubject: Re: my vacation in your hotel")) == []


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("From: a@example.org\nAuto-Submitted: auto-replied", "automatic"),
        ("From: a@example.org\nX-Autoreply: yes", "automatic"),
        ("From: a@example.org\nPrecedence: auto_reply", "automatic"),
        ("From: a@example.org\nSubject: Automatische Antwort: Ihre Frage", "automatic"),
        ("From: a@example.org\nSubject: =?utf-8?q?R=C3=A9ponse_automatique_=3A?= x", "automatic"),
        ("From: a@example.org\nSubject: Out of office", "automatic"),
        ("From: a@example.org\nSubject: 自动回复: x", "automatic"),
        ("From: a@example.org\nSubject: Automatisch antwoord: x", "automatic"),
        ("From: a@example.org\nList-Id: <news.example.org>", "list"),
        ("From: a@example.org\nPrecedence: bulk", "list"),
        ("From: no-reply@example.org", "no_reply"),
        ("From: donotreply@example.org", "no_reply"),
        ("From: nicht-antworten@example.org", "no_reply"),
    ],
)
def test_verdicts_without_knowledge(headers: str, kind: str) -> None:
    assert kinds(mail(headers)) == [kind]


@pytest.mark.parametrize(
    "headers",
    [
        "From: a@example.org\nAuto-Submitted: no",
        "From: a@example.org\nAuto-Submitted: auto-forwarded",
        "From: a@example.org\nX-MS-Exchange-Inbox-Rules-Loop: a@example.org",
        "From: norah.reply@example.org",
        "From: a@example.org\nX-Auto-Response-Suppress: All",
        "From: a@example.org\nX-Spam-Flag: YES",
        "From: a@example.org\nSubject: Fwd: Undelivered Mail Returned to Sender",
    ],
)
def test_no_verdict_on_what_proves_nothing(headers: str) -> None:
    assert kinds(mail(headers)) == []


def test_loops() -> None:
    context = verdicts.Context(own_addresses=frozenset({"support@shop.example"}), instance="one", key=KEY)
    token = reply_token.make_token(KEY)
    assert kinds(mail("From: Support@Shop.example"), context) == []
    assert kinds(mail("From: a@example.org\nX-Rapport-Instance: one"), context) == ["loop"]
    assert kinds(mail(f"From: a@example.org\nMessage-ID: <rapport.{token}@shop.example>"), context) == [
        "loop"
    ]
    assert kinds(mail("From: a@example.org\n" + "Received: x\n" * 60), context) == ["loop"]
    assert kinds(mail("From: a@example.org\nX-Rapport-Instance: two"), context) == []


def test_spam_counts_only_from_the_named_server() -> None:
    headers = "From: a@example.org\nX-Spam-Flag: YES\nAuthentication-Results: mx.shop.example; spf=pass"
    own = verdicts.Context(own_servers=frozenset({"mx.shop.example"}))
    assert kinds(mail(headers), own) == ["spam"]
    forged = headers.replace("mx.shop", "mx.evil") + "\nAuthentication-Results: mx.shop.example; spf=pass"
    assert kinds(mail(forged), own) == []
    says_nothing = forged.replace("mx.evil.example; spf=pass", "mx.evil.example; none")
    assert kinds(mail(says_nothing), own) == []


BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

<gone@example.org>: host mx said: %s
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; gone@example.org
Action: %s
Status: %s
Diagnostic-Code: smtp; %s
--b--
"""


@pytest.mark.parametrize(
    ("said", "action", "status", "hard", "reason"),
    [
        ("550 5.1.1 User unknown", "failed", "5.1.1", True, "Nobody has this address."),
        ("550 5.1.2 Host unknown", "failed", "5.1.2", True, "takes no mail"),
        ("552 5.2.2 Mailbox full", "failed", "5.2.2", False, "The mailbox is full."),
        ("554 5.7.1 Blocked, see spamhaus", "failed", "5.7.1", False, "blocks our mail server"),
        ("550 5.7.26 DMARC policy", "failed", "5.7.26", False, "DMARC"),
        ("552 5.3.4 Message size exceeds limit", "failed", "5.3.4", False, "too big"),
        ("421 4.4.1 Connection timed out", "delayed", "4.4.1", False, "is late"),
    ],
)
def test_bounces_say_why_and_whether_for_good(
    said: str, action: str, status: str, hard: bool, reason: str
) -> None:
    found = bounces.read(parse((BOUNCE % (said, action, status, said)).encode()))
    assert found is not None
    assert (found.hard, found.dsn) == (hard, status)
    assert [one.address for one in found.recipients] == ["gone@example.org"]
    assert reason in found.reason


def test_a_delivery_report_is_no_bounce() -> None:
    parsed = parse((BOUNCE % ("250 ok", "delivered", "2.0.0", "250 ok")).encode())
    assert "bounce" not in kinds(parsed)
    found = bounces.read(parsed)
    assert found is not None
    assert found.kind == bounces.DELIVERED


def test_a_bounce_without_machine_readable_part() -> None:
    text = (
        "I wasn't able to deliver your message.\n\n<gone@example.org>:\n550 no such user\n\n--- Below "
        "this line is a copy"
    )
    found = bounces.read(
        mail("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: failure notice", text)
    )
    assert found is not None
    assert (found.kind, found.hard, found.recipients[0].address) == ("bounce", True, "gone@example.org")


def test_complaints() -> None:
    raw = """From: fbl@provider.example
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Original-Rcpt-To: <a@example.org>
--b--
"""
    found = bounces.read(parse(raw.encode()))
    assert found is not None
    assert (found.kind, found.recipients[0].address) == ("complaint", "a@example.org")


def test_tokens_are_proof_only_with_the_key() -> None:
    token = reply_token.make_token(KEY)
    assert reply_token.verify(token, KEY)
    assert not reply_token.verify(token, b"other")
    for place in range(len(token)):
        changed = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert not reply_token.verify(changed, KEY)
    answer = mail(f"From: a@b.c\nIn-Reply-To: {reply_token.message_id(token, 'shop.example')}")
    plus = mail(f"From: a@b.c\nTo: {reply_token.plus_address(token, 'support@shop.example')}")
    for parsed in (answer, plus):
        assert [(one.kind, one.value) for one in threading.hints(parsed, KEY)] == [("token", token)]
        assert threading.hints(parsed, b"other") == []


def test_foreign_ids_and_numbers_are_hints() -> None:
    parsed = mail("From: a@b.c\nSubject: Re: [#4711] parcel\nReferences: <1@x> <2@x>\nIn-Reply-To: <2@x>")
    found = [(one.kind, one.value) for one in threading.hints(parsed, KEY)]
    assert found == [("foreign_id", "2@x"), ("foreign_id", "1@x"), ("number", "4711")]


def test_explaining_a_bounce_and_a_refused_mail() -> None:
    shown = explain(
        (BOUNCE % ("550 5.1.1 User unknown", "failed", "5.1.1", "550 5.1.1 User unknown")).encode()
    )
    assert (shown["hard"], shown["dsn"], shown["recipients"]) == (True, "5.1.1", ["gone@example.org"])
    assert [one["kind"] for one in shown["verdicts"]][:1] == ["bounce"]
    refused = explain(b"Subject: " + b"x" * 2_000_000)
    assert set(shown) <= set(refused)
    assert refused["verdicts"][0]["kind"] == "refused"
