import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.channels.email.compose import Unsendable, compose, needs_utf8, wire_address
from rapport.inboxes.contract import Address, OutgoingFile, OutgoingMessage

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PLAIN = OutgoingMessage(
    identity="<rapport.abcdefghijklmnopqrst.abcdefghijklm@shop.example>",
    sender=Address("help@shop.example", "Velo Nord"),
    to=(Address("ann@example.org", "Ann Öst"),),
    subject="Your bell",
    text="Hello Ann,\nit rings again.\n",
    written_at=AT,
)
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "X-Rapport-Instance", "MIME-Version"}


def made(outgoing: OutgoingMessage) -> EmailMessage:
    content = compose(outgoing, now=AT, instance="i1")
    read = email.message_from_bytes(content, policy=email.policy.SMTP)
    assert isinstance(read, EmailMessage)
    return read


def test_a_plain_mail_says_what_it_is() -> None:
    mail = made(PLAIN)
    assert mail["Message-ID"] == PLAIN.identity
    assert mail["To"].addresses[0].display_name == "Ann Öst"
    assert mail["Date"].datetime == AT
    assert mail.get_content().replace("\r\n", "\n") == PLAIN.text
    assert set(mail.keys()) >= HEADERS
    assert "Auto-Submitted" not in mail


def test_text_html_images_and_files_each_have_their_place() -> None:
    picture = OutgoingFile(
        name="bell.png", content_type="image/png", content=b"\x89PNG", content_id="bell@shop"
    )
    invoice = OutgoingFile(
        name="Rechnung März.pdf", content_type="application/pdf", content=b"%PDF-1.7\r\n\0"
    )
    mail = made(replace(PLAIN, html='<p>Hi <img src="cid:bell@shop"></p>', files=(picture, invoice)))
    assert mail.get_content_type() == "multipart/mixed"
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "image/png", "application/pdf"]
    attached = list(mail.iter_attachments())
    assert [part.get_filename() for part in attached] == ["Rechnung März.pdf"]
    assert attached[0].get_content() == invoice.content
    image = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<bell@shop>"


def test_a_mail_in_a_mail_arrives_byte_for_byte() -> None:
    inner = b"Subject: old\r\n\r\n.hello\r\nFrom here\r\n"
    mail = made(
        replace(PLAIN, files=(OutgoingFile(name="m.eml", content_type="message/rfc822", content=inner),))
    )
    assert next(mail.iter_attachments()).get_content() == inner


def test_nobody_in_bcc_is_named() -> None:
    content = compose(replace(PLAIN, bcc=(Address("boss@example.org"),)), now=AT, instance="i1")
    assert b"boss" not in content
    assert b"bcc" not in content.lower()


def test_automatic_mail_says_so() -> None:
    assert made(replace(PLAIN, automatic=True))["Auto-Submitted"] == "auto-replied"


def test_ids_stay_whole_however_long() -> None:
    ids = tuple(f"<{'x' * 120}{number}@mail.example.org>" for number in range(120))
    content = compose(replace(PLAIN, references=ids, in_reply_to=ids[-1]), now=AT, instance="i1")
    head = content.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(content)
    assert mail["References"].split() == [ids[0], *ids[-49:]]
    assert mail["In-Reply-To"] == ids[-1]
    assert b"=?" not in head.partition(b"References:")[2].partition(b"X-Rapport")[0]


def test_ids_that_are_none_are_left_out() -> None:
    mail = made(replace(PLAIN, in_reply_to="<a b@c>", references=("<a@b>\r\nBcc: x@y", "<ok@example.org>")))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<ok@example.org>"


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@", "@b", "a b@c.org", "a@b.org, c@d.org", "a@b\r\nc", "<a@b.org>"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Unsendable):
        wire_address(address)
    with pytest.raises(Unsendable):
        compose(replace(PLAIN, to=(Address(address),)), now=AT, instance="i1")


def test_addresses_beyond_ascii() -> None:
    assert wire_address("ann@bücher.example") == "ann@xn--bcher-kva.example"
    assert not needs_utf8(replace(PLAIN, to=(Address("ann@bücher.example"),)))
    eai = replace(PLAIN, to=(Address("änn@example.org", "Änn"),))
    assert needs_utf8(eai)
    assert "änn@example.org".encode() in compose(eai, now=AT, instance="i1")


hostile = st.text(st.sampled_from("\r\n\0\t :;<>@\"'=?_ab,Bcc\u2028\u0085é\ud800"), max_size=60)


@given(hostile, hostile, hostile, hostile, hostile)
def test_no_value_adds_a_header(subject: str, name: str, text: str, filename: str, instance: str) -> None:
    file = OutgoingFile(name=filename, content_type=name, content=b"x", content_id=subject)
    outgoing = replace(
        PLAIN,
        subject=subject,
        sender=Address("help@shop.example", name),
        to=(Address("ann@example.org", filename),),
        reply_to=Address("help@shop.example", text),
        text=text,
        html=f"<p>{text}</p>",
        references=(subject, name),
        in_reply_to=filename,
        files=(file,),
    )
    content = compose(outgoing, now=AT, instance=instance)
    mail = email.message_from_bytes(content)
    threading = {"References", "In-Reply-To"} & set(mail.keys())
    assert sorted(mail.keys()) == sorted([*HEADERS, "Reply-To", "Content-Type", *threading])
    assert len(list(mail.walk())) == 5
    read = email.message_from_bytes(content, policy=email.policy.SMTP)
    assert [each.addr_spec for each in read["To"].addresses] == ["ann@example.org"]
    assert [each.addr_spec for each in read["From"].addresses] == ["help@shop.example"]


@given(hostile)
def test_an_address_is_refused_or_is_one_address(value: str) -> None:
    try:
        content = compose(replace(PLAIN, to=(Address(f"{value}@example.org"),)), now=AT, instance="i")
    except Unsendable:
        return
    assert len(email.message_from_bytes(content, policy=email.policy.SMTP)["To"].addresses) == 1
