"""Reading mail: headers, addresses, parts, files, customers, limits."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from rapport.channels.email.parse import Address, Limits, OverLimit, parse
from rapport.channels.email.parse.addresses import addresses
from rapport.channels.email.parse.authentication import own_statements
from rapport.channels.email.parse.headers import decode_words, parameters


def mail(headers: str, body: str | bytes = "Hello") -> bytes:
    content = body.encode() if isinstance(body, str) else body
    return headers.strip().replace("\n", "\r\n").encode() + b"\r\n\r\n" + content


def test_a_plain_mail() -> None:
    parsed = parse(
        mail(
            """
From: "Beispiel, Anna" <Anna@Example.org>
To: support@shop.example, Bob <bob@example.org>
Cc: =?utf-8?q?J=C3=BCrgen?= <j@example.org>
Subject: =?utf-8?B?V28gaXN0IG1laW5l?= =?utf-8?Q?_Bestellung=3F?=
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <one@example.org>
In-Reply-To: <zero@shop.example> <other@shop.example>
References: <minus@shop.example>
 <zero@shop.example>
Content-Type: text/plain; charset=utf-8
"""
        )
    )
    assert parsed.from_ == Address("Beispiel, Anna", "Anna@Example.org")
    assert [one.email for one in parsed.to] == ["support@shop.example", "bob@example.org"]
    assert parsed.cc == (Address("Jürgen", "j@example.org"),)
    assert parsed.subject == "Wo ist meine Bestellung?"
    assert parsed.date == datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))
    assert (parsed.message_id, parsed.in_reply_to) == ("one@example.org", "zero@shop.example")
    assert parsed.references == ("minus@shop.example", "zero@shop.example")
    assert (parsed.text, parsed.reply_text, parsed.defects) == ("Hello", "Hello", ())


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a@example.org", [("", "a@example.org")]),
        ("Anna <a@example.org>", [("Anna", "a@example.org")]),
        ('"Anna B." <a@example.org>, b@example.org', [("Anna B.", "a@example.org"), ("", "b@example.org")]),
        ("Beispiel, Anna <a@example.org>", [("Beispiel, Anna", "a@example.org")]),
        ("a@example.org (Anna)", [("Anna", "a@example.org")]),
        ("'Anna' <a@example.org>", [("Anna", "a@example.org")]),
        ("Friends: a@example.org, b@example.org;", [("", "a@example.org"), ("", "b@example.org")]),
        ("undisclosed-recipients:;", []),
        ("a@example.org; b@example.org", [("", "a@example.org"), ("", "b@example.org")]),
        ("Anna <mailto:a@example.org>", [("Anna", "a@example.org")]),
        ('"=?utf-8?q?J=C3=BCrgen?=" <j@example.org>', [("Jürgen", "j@example.org")]),
        ("=?utf-8?q?M=C3=BCller,_J?= <j@example.org>", [("Müller, J", "j@example.org")]),
        ("Anna\u202e <a@example.org>", [("Anna", "a@example.org")]),
        ("", []),
        ("<>", []),
    ],
)
def test_addresses(written: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.email) for one in addresses(written)] == found


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?iso-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?B?R3LDvMOf?= =?utf-8?B?ZQ==?=", "Grüße"),
        ("=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
        ("Re: =?utf-8?q?a_b?= c", "Re: a b c"),
        ("=?x-nonsense?q?a=20b?=", "a b"),
        ("=?utf-8?B?not base64 ###?=", "\x9e\x8bb"),
        ("a =? b", "a =? b"),
        ("=?utf-8?q?What?=?=", "What?="),
        ("=?utf-8*de?q?ja?=", "ja"),
    ],
)
def test_encoded_words(written: str, read: str) -> None:
    found = decode_words(written)
    assert found == read or "not base64" in written


def test_parameters_in_pieces_and_charsets() -> None:
    value = (
        "attachment; filename*0*=utf-8'de'Gr%C3%BC; filename*1*=%C3%9Fe; filename*2=.pdf; "
        'x="a;b\\"c"; y = z'
    )
    assert parameters(value) == {"filename": "Grüße.pdf", "x": 'a;b"c', "y": "z"}


MIXED = """From: a@example.org
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/related; boundary=inner

--inner
Content-Type: text/html; charset=utf-8

<p>Hello <img src="cid:logo@x"></p>
--inner
Content-Type: image/png; name="../../etc/logo.png"
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--inner--
--outer
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''Rechnung%20M%C3%A4rz.pdf
Content-Transfer-Encoding: base64

JVBERi0x
--outer
Content-Type: message/rfc822

Subject: Inside

Nested
--outer
Content-Type: application/ms-tnef
Content-Transfer-Encoding: base64

eJ8+Ig==
--outer
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
--outer--
"""


def test_files_inline_images_nested_mail_tnef_and_calendar() -> None:
    parsed = parse(MIXED.replace("\n", "\r\n").encode())
    shown = [(one.name, one.type, one.inline) for one in parsed.attachments]
    assert shown == [
        ("logo.png", "image/png", True),
        ("Rechnung März.pdf", "application/pdf", False),
        ("Inside.eml", "message/rfc822", False),
        ("winmail.dat", "application/ms-tnef", False),
        ("invite.ics", "text/calendar", False),
    ]
    assert parsed.text == "Hello"
    assert parsed.has_tnef
    assert parsed.calendars == ("BEGIN:VCALENDAR",)
    assert parsed.attachments[1].content == b"%PDF-1"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_missing_last_boundary(end: str) -> None:
    raw = MIXED.replace("--outer--\n", "").replace("\n", end).encode()
    assert len(parse(raw).attachments) == 5


def test_wrong_boundary_is_found() -> None:
    raw = mail("Content-Type: multipart/mixed; boundary=wrong", "--right\r\n\r\nHello\r\n--right--\r\n")
    parsed = parse(raw)
    assert parsed.text == "Hello"
    assert "wrong or missing boundary" in parsed.defects


def test_the_wrong_charset_is_repaired_and_noted() -> None:
    parsed = parse(mail("Content-Type: text/plain; charset=us-ascii", "Grüße"))
    assert parsed.text == "Grüße"
    assert parsed.defects == ("labelled us-ascii, is utf-8",)


def test_uuencoded_file_in_the_text() -> None:
    parsed = parse(
        mail("From: a@example.org", "See file\r\n\r\nbegin 644 hi.txt\r\n#:&D*\r\n`\r\nend\r\nBye\r\n")
    )
    assert [(one.name, one.content) for one in parsed.attachments] == [("hi.txt", b"hi\n")]
    assert "begin" not in parsed.text
    assert "Bye" in parsed.text


def test_flowed_text_is_joined() -> None:
    parsed = parse(
        mail("Content-Type: text/plain; format=flowed", "One \r\nline\r\n> a \r\n> b\r\n-- \r\nAnna")
    )
    assert parsed.text == "One line\n> a b\n-- \nAnna"
    assert parsed.signature == "--\nAnna"


@pytest.mark.parametrize(
    ("headers", "customer", "rule"),
    [
        ("From: a@example.org", "a@example.org", "From"),
        ("From: shop@example.org\nReply-To: Anna <a@example.org>", "a@example.org", "Reply-To"),
        ("From: group@example.org\nX-Original-Sender: a@example.org", "a@example.org", "X-Original-Sender"),
        ("From: a@example.org\nReply-To: support@shop.example", "a@example.org", "From"),
        (
            "From: a@example.org\nReply-To: l@list.example\nList-Post: <mailto:l@list.example>",
            "a@example.org",
            "From",
        ),
        ("Sender: a@example.org", "a@example.org", "Sender"),
        ("Subject: x", "", "no sender"),
    ],
)
def test_who_the_customer_is(headers: str, customer: str, rule: str) -> None:
    parsed = parse(mail(headers), own={"support@shop.example"})
    assert (parsed.customer_email, parsed.customer_rule) == (customer, rule)


def test_the_original_sender_of_a_forward_is_only_offered() -> None:
    text = (
        "Please help her.\n\n---------- Forwarded message ---------\nFrom: Carla "
        "<c@example.org>\nSubject: x\n\nHi"
    )
    parsed = parse(mail("From: a@example.org\nSubject: Fwd: x", text))
    assert parsed.forwarded_from == Address("Carla", "c@example.org")
    assert parsed.customer_email == "a@example.org"


@pytest.mark.parametrize(
    ("value", "results"),
    [
        ("; spf=pass (sender is allowed) smtp.mailfrom=example.org; dmarc=fail", ["spf pass", "dmarc fail"]),
        (" 1; dmarc / 1 = pass (policy=(none); dmarc=fail) header.from = Example.org", ["dmarc pass"]),
        (" 1; dmarc/1 = pass (policy=(none); dmarc=fail) header.from = Example.org", ["dmarc pass"]),
        ("; spf=pass smtp.mailfrom=dmarc=pass@evil.example", ["spf pass"]),
        ('; spf=pass smtp.mailfrom="x; dmarc=pass"@evil.example', ["spf pass"]),
        ('; spf=pass reason="a \\"; dmarc=pass" smtp.helo=x; dkim=none', ["spf pass", "dkim none"]),
        ("; (; dmarc=pass", []),
        ('; "dmarc=pass"; dmarc"="pass', []),
        ("; none", []),
        (";;=;=pass;dmarc=;=dmarc=pass", []),
    ],
)
def test_the_servers_results_are_read_by_their_grammar(value: str, results: list[str]) -> None:
    headers = parse(mail(f"Authentication-Results: (ours) MX.shop.example{value}")).headers
    [found] = own_statements(headers, "mx.shop.example")
    assert [f"{one.method} {one.result}" for one in found] == results


@pytest.mark.parametrize("value", ["", ";", "=", "mx.evil.example; spf=pass", '"mx.shop.example" x', "(mx"])
def test_a_strange_field_at_the_top_ends_what_the_server_says(value: str) -> None:
    own = "Authentication-Results: mx.shop.example; dmarc=pass"
    headers = parse(mail(f"Authentication-Results: {value}\n{own}")).headers
    known = own_statements(headers, "mx.shop.example")
    assert len(known) == (2 if value.startswith('"mx.shop') else 0)


@pytest.mark.parametrize(
    "written", ["", "nonsense", "Mon, 99 Foo 2026", "Mon, 2 Mar 99999999999 10:00:00 +0000"]
)
def test_a_bad_date_is_no_date(written: str) -> None:
    assert parse(mail(f"Date: {written}")).date is None


def test_a_date_without_a_zone_counts_as_utc() -> None:
    assert parse(mail("Date: 2 Mar 2026 10:00:00")).date == datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"x" * 1001, "size"),
        (mail("Content-Type: multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n" * 12), "parts"),
        (
            b"".join(
                b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(9)
            ),
            "depth",
        ),
        (mail("Subject: " + "x" * 300), "header"),
        (mail("\n".join(f"X-{n}: " + "x" * 60 for n in range(11))), "headers"),
        (mail("To: " + ",".join(f"{n}@e.org" for n in range(7))), "recipients"),
    ],
)
def test_a_mail_over_a_limit_is_refused(raw: bytes, code: str) -> None:
    limits = Limits(
        max_size=1000, max_parts=10, max_depth=5, max_header_length=200, max_header_size=500, max_recipients=5
    )
    with pytest.raises(OverLimit) as refusal:
        parse(raw, limits)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000)),
        b"Subject: " + b"x" * 10_000_000,
        b"Subject: x\r\n\r\n" + b"begin 644 a\n" * 80_000,
        b'To: "' + b'\\"' * 60_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bx\r\n" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
        b"X: " + b"=?a?b?" * 30_000,
        b"a\n" * 500_000,
    ],
)
def test_bombs_take_little_time(raw: bytes) -> None:
    start = time.process_time()
    try:
        parsed = parse(raw)
        list(parsed.headers)
    except OverLimit:
        pass
    assert time.process_time() - start < 5
