"""A mailbox of a real Dovecot that an inbox reads: what is delivered to it, and what has been taken in."""

import email
import imaplib
import smtplib
import time
from collections.abc import Callable

from rapport.channels.email.models import (
    EmailSettings,
    Incoming,
    Security,
)
from rapport.channels.email.receive import mailbox
from rapport.channels.email.receive.folder import read_folder
from rapport.channels.email.tests.conftest import make_inbox
from rapport.inboxes.models import RawBody
from tests.servers.dovecot import Dovecot

ADDRESS = "help@shop.example"


def written(number: int | str, body: str = "Hello") -> bytes:
    identity = f"Message-ID: <{number}@example.org>"
    head = f"{identity}\r\nFrom: ann@example.org\r\nTo: {ADDRESS}\r\nSubject: {number}\r\n"
    return f"{head}\r\n{body} {number}\r\n".encode()


def deliver(server: Dovecot, *numbers: int | str, to: str = ADDRESS) -> None:
    with smtplib.LMTP(server.host, server.lmtp_port) as client:
        for number in numbers:
            client.sendmail("ann@example.org", [to], written(number))


def settings_for(server: Dovecot, **more: object) -> EmailSettings:
    values = {
        "incoming": Incoming.IMAP,
        "imap_host": server.host,
        "imap_port": server.imap_port,
        "imap_security": Security.NONE,
        "imap_user": ADDRESS,
        "imap_secret": server.password,
        **more,
    }
    inbox = make_inbox(ADDRESS, **values)
    return EmailSettings.objects.select_related("inbox").get(inbox=inbox)


def read_once(settings: EmailSettings, folder: str = "INBOX") -> int:
    box = mailbox.connect(settings)
    try:
        return read_folder(box, settings, folder, stopped=lambda: False)
    finally:
        mailbox.close(box)


def subjects() -> list[str]:
    bodies = RawBody.objects.order_by("raw_id").values_list("content", flat=True)
    return [email.message_from_bytes(bytes(each))["Subject"] for each in bodies]


def until(holds: Callable[[], bool], seconds: float = 20.0) -> float:
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - start


def flags(server: Dovecot, folder: str = "INBOX") -> list[str]:
    with imaplib.IMAP4(server.host, server.imap_port) as client:
        client.login(ADDRESS, server.password)
        client.select(folder, readonly=True)
        return [line.decode() for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]
