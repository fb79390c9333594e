import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.channels.email.adapter import EmailChannel
from rapport.channels.email.customer_pattern import find_customer, problem
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.send import instance_name
from rapport.inboxes.contract import InboundMessage, InboundSignal, MailRefused
from rapport.inboxes.models import Inbox, RawInbound

channel = EmailChannel()


def mail(*headers: str, body: str = "Hello", sender: str = "ann@example.org") -> bytes:
    lines = [
        "Message-ID: <m1@example.org>",
        f"From: Ann <{sender}>",
        "To: help@shop.example",
        "Subject: Bell",
        *headers,
    ]
    return "\r\n".join([*lines, "", body, ""]).encode()


def read(inbox: Inbox, content: bytes, **raw: str) -> InboundMessage | InboundSignal | MailRefused:
    [item] = channel.parse(content, RawInbound(inbox=inbox, **raw))
    return item


def message(inbox: Inbox, content: bytes, **raw: str) -> InboundMessage:
    item = read(inbox, content, **raw)
    assert isinstance(item, InboundMessage)
    return item


def kinds(item: InboundMessage) -> set[str]:
    return {each.kind for each in item.verdicts}


def rules(inbox: Inbox, **values: str) -> None:
    EmailSettings.objects.filter(inbox=inbox).update(**values)


def test_a_mail_of_a_customer(inbox: Inbox) -> None:
    item = message(inbox, mail("In-Reply-To: <old@example.org>"))
    assert (item.sender.value, item.sender.name, item.subject) == ("ann@example.org", "Ann", "Bell")
    assert item.provider_id == "<m1@example.org>"
    assert [(each.kind, each.value) for each in item.hints] == [("foreign_id", "<old@example.org>")]
    assert (item.authentic, item.automatic, item.verdicts) == (None, False, ())


def test_our_token_is_proof_and_a_forged_one_is_nothing(inbox: Inbox) -> None:
    identity, token = channel.new_identity(inbox)
    assert identity == f"<rapport.{token}@shop.example>"
    assert channel.verify_token(token)
    item = message(inbox, mail(f"In-Reply-To: {identity}"))
    assert ("token", token) in [(each.kind, each.value) for each in item.hints]
    forged = f"<rapport.{token[:-1]}{'a' if token[-1] != 'a' else 'b'}@shop.example>"
    assert not channel.verify_token(forged[9:43])
    assert not [each for each in message(inbox, mail(f"In-Reply-To: {forged}")).hints if each.kind == "token"]


def test_our_own_mail_that_comes_back_is_a_loop(inbox: Inbox) -> None:
    assert "loop" in kinds(message(inbox, mail(f"X-Rapport-Instance: {instance_name()}")))


def test_our_answers_of_former_times_are_no_loop(inbox: Inbox) -> None:
    assert not kinds(message(inbox, mail(sender="help@shop.example"), origin="import", source="sent"))


def test_a_bounce_names_who_was_not_reached_and_which_mail(inbox: Inbox) -> None:
    identity, token = channel.new_identity(inbox)
    report = (
        "--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        "Final-Recipient: rfc822; ann@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {identity}\r\nSubject: Bell\r\n\r\nHi\r\n--b--"
    )
    item = read(
        inbox,
        mail(
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            body=report,
            sender="MAILER-DAEMON@mx.example.org",
        ),
    )
    assert isinstance(item, InboundSignal)
    assert item.kind == "bounce"
    assert [(each.address, each.hard) for each in item.recipients] == [("ann@example.org", True)]
    assert (item.hints[0].kind, item.hints[0].value) == ("token", token)


def test_only_the_named_servers_verdict_counts(inbox: Inbox) -> None:
    passed = "Authentication-Results: mx.shop.example; dmarc=pass header.from=example.org"
    failed = "Authentication-Results: mx.shop.example; dmarc=fail header.from=example.org"
    assert message(inbox, mail(passed)).authentic is None
    rules(inbox, authserv_id="mx.shop.example")
    assert message(inbox, mail(passed)).authentic is True
    assert message(inbox, mail(failed)).authentic is False
    assert message(inbox, mail(passed.replace("mx.shop", "mx.evil"))).authentic is None
    assert message(inbox, mail(failed, passed)).authentic is False
    assert message(inbox, mail("Authentication-Results: mx.shop.example; spf=none", passed)).authentic is None


def test_the_spam_rule_of_the_inbox_needs_the_named_server(inbox: Inbox) -> None:
    verdict = "Authentication-Results: mx.shop.example; spf=none"
    rules(inbox, spam_header="X-Our-Filter: junk")
    assert "spam" not in kinds(message(inbox, mail(verdict, "X-Our-Filter: Junk, 17 points")))
    rules(inbox, authserv_id="mx.shop.example")
    assert "spam" in kinds(message(inbox, mail(verdict, "X-Our-Filter: Junk, 17 points")))
    assert "spam" not in kinds(message(inbox, mail(verdict, "X-Our-Filter: clean")))
    assert "spam" not in kinds(message(inbox, mail("X-Our-Filter: junk")))


def test_a_form_names_the_customer_only_in_the_named_systems_mail(inbox: Inbox) -> None:
    rules(inbox, form_sender="form@shop.example", customer_pattern="E-mail: {email}\nName: {name}")
    body = "Name:  Jo Berg\r\nE-mail: jo@example.net\r\n\r\nWhere is my bell?"
    item = message(inbox, mail(body=body, sender="form@shop.example"))
    assert (item.customer.value, item.customer.name, item.customer_rule) == (
        "jo@example.net",
        "Jo Berg",
        "form",
    )
    assert message(inbox, mail(body=body)).customer.value == "ann@example.org"


def test_a_mail_over_the_limits_is_refused_with_the_reason(inbox: Inbox) -> None:
    item = read(inbox, mail(*[f"X-{n}: {'x' * 900}" for n in range(400)]))
    assert isinstance(item, MailRefused)
    assert item.reason


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_read(inbox: Inbox, content: bytes) -> None:
    read(inbox, content)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("E-mail: {email}", "Name: Jo\nE-mail:   jo@example.net\n", "jo@example.net"),
        ("Von: {name} <{email}>", "Von: Jo Berg <jo@example.net>", "jo@example.net"),
        ("Kontakt*: {email}", "Kontakt (privat): jo@example.net", "jo@example.net"),
        ("E-mail: {email}", "E-mail: none", None),
        ("no place", "no place jo@example.net", None),
        ("{email}{email}", "a@b.ca@b.c", None),
        ("(a+)+$: {email}", "(a+)+$: jo@example.net", "jo@example.net"),
    ],
)
def test_patterns(pattern: str, text: str, found: str | None) -> None:
    customer = find_customer(pattern, text)
    assert (customer.value if customer else None) == found


def test_no_text_makes_a_pattern_slow() -> None:
    import time

    start = time.process_time()
    for text in ("a" * 60_000, "a@" * 30_000, "a." * 30_000, "Name: " * 10_000, "a@" + "b." * 30_000):
        find_customer("*Name:*{name}*<{email}>\n{email}", text)
    assert time.process_time() - start < 5
    assert problem("*a*b*c{email}")
