import smtplib
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from rapport.channels.email.receive import lmtp
from rapport.channels.email.tests.conftest import make_inbox
from rapport.inboxes.models import Inbox, RawInbound
from tests.servers.process import free_port

MAIL = b"Message-ID: <one@example.org>\r\nFrom: a@example.org\r\n\r\nHello\r\n.dot\r\n"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Iterator[smtplib.LMTP]:
    port = free_port()
    stop = threading.Event()
    thread = threading.Thread(target=lmtp.serve, args=(stop,), kwargs={"port": port, "max_bytes": 300_000})
    thread.start()
    client = smtplib.LMTP()
    for _ in range(100):
        try:
            client.connect("127.0.0.1", port)
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield client
    finally:
        client.close()
        stop.set()
        thread.join()


def test_what_was_accepted_is_stored(client: smtplib.LMTP) -> None:
    make_inbox()
    assert client.sendmail("a@example.org", ["help+r.x@shop.example"], MAIL) == {}
    row = RawInbound.objects.select_related("body").get()
    assert bytes(row.body.content) == MAIL
    assert (row.source, row.envelope_from, row.envelope_to) == (
        "lmtp",
        "a@example.org",
        "help+r.x@shop.example",
    )


def test_each_recipient_has_an_answer_and_a_row(client: smtplib.LMTP) -> None:
    make_inbox()
    make_inbox("orders@shop.example")
    refused = client.sendmail("", ["help@shop.example", "nobody@shop.example", "orders@shop.example"], MAIL)
    assert {address: code for address, (code, _) in refused.items()} == {"nobody@shop.example": 550}
    assert RawInbound.objects.count() == 2


def test_a_paused_inbox_lets_mail_wait(client: smtplib.LMTP) -> None:
    inbox = make_inbox()
    Inbox.objects.filter(pk=inbox.pk).update(active=False)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
        client.sendmail("a@example.org", ["help@shop.example"], MAIL)
    assert caught.value.recipients["help@shop.example"][0] == 450


def test_database_trouble_is_temporary_and_passes(client: smtplib.LMTP) -> None:
    make_inbox()
    with connection.schema_editor() as editor:
        editor.execute("ALTER TABLE inboxes_rawbody RENAME TO away")
    try:
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)) as caught:
            client.sendmail("a@example.org", ["help@shop.example"], MAIL)
        assert "451" in str(caught.value)
        assert not RawInbound.objects.exists()
    finally:
        with connection.schema_editor() as editor:
            editor.execute("ALTER TABLE away RENAME TO inboxes_rawbody")
    assert client.sendmail("a@example.org", ["help@shop.example"], MAIL) == {}
    assert RawInbound.objects.count() == 1


def test_long_lines_and_any_bytes_are_taken(client: smtplib.LMTP) -> None:
    make_inbox()
    content = b"Subject: \xff\x00\r\n\r\n" + b"x" * 150_000 + b"\r\n\x00\xfe\r\n"
    assert client.sendmail("a@example.org", ["help@shop.example"], content) == {}
    row = RawInbound.objects.get()
    assert row.size == len(content)


def test_data_over_the_limit_is_refused_for_every_recipient(client: smtplib.LMTP) -> None:
    make_inbox()
    make_inbox("orders@shop.example")
    client.ehlo_or_helo_if_needed()
    client.mail("a@example.org")
    for address in ("help@shop.example", "orders@shop.example"):
        assert client.rcpt(address)[0] == 250
    client.putcmd("data")
    assert client.getreply()[0] == 354
    client.send(b"x\r\n" * 150_000 + b".\r\n")
    assert [client.getreply()[0] for _ in range(2)] == [552, 552]
    assert client.noop()[0] == 250
    assert not RawInbound.objects.exists()
