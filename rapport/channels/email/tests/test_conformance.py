from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rapport.channels.email import smtp
from rapport.channels.email.adapter import EmailChannel
from rapport.channels.email.models import EmailSettings, Outgoing, Security
from rapport.channels.email.tests.scripted_smtp import Script, smtp_server
from rapport.channels.testing.conformance import Conformance, Subject
from rapport.inboxes.contract import Address, OutgoingMessage
from rapport.inboxes.models import Inbox

HTML = (
    "<p>hi<script>alert(1)</script><img src=x onerror=alert(1)>"
    "<a href='javascript:alert(1)'>x</a><form></form>"
)


def written(identity: str, sender: str, words: str, *more: str) -> bytes:
    lines = [
        f"Message-ID: <{identity}@example.org>",
        f"From: <{sender}>",
        "To: help@shop.example",
        "Subject: Parcel",
        *more,
    ]
    return "\r\n".join([*lines, "", words, ""]).encode()


def answer(identity: str, sender: str, answered: str) -> bytes:
    return written(identity, sender, "One more thing", f"In-Reply-To: <{answered}@example.org>")


@contextmanager
def provider(inbox: Inbox, how: str) -> Iterator[Callable[[], int]]:
    replies = {"well": {}, "temporary": {".": "451 4.3.0 later"}, "permanent": {".": "554 5.7.1 no"}}[how]
    with smtp_server(Script(replies)) as script:
        EmailSettings.objects.filter(inbox=inbox).update(
            outgoing=Outgoing.SMTP, smtp_host="127.0.0.1", smtp_port=script.port, smtp_security=Security.NONE
        )
        yield lambda: len(script.mails) if how == "well" else 0
        smtp.close_idle()


class TestEmail(Conformance):
    @pytest.fixture
    def subject(self, inbox: Inbox) -> Subject:
        return Subject(
            channel=EmailChannel(),
            inbox=inbox,
            message=written,
            answer=answer,
            oversized=written("big", "ann@example.org", "x", *[f"X-{n}: {'x' * 900}" for n in range(1000)]),
            hostile=(
                written("h1", "eve@example.org", HTML, "Content-Type: text/html"),
                written(
                    "h2",
                    "eve@example.org",
                    "\x00\x01\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
                ),
                b"",
                b"\x00" * 2000,
                b"From: \r\nSubject: =?x-unknown?B?////?=\r\n\r\n\xff\xfe",
                written(
                    "h3", "eve@example.org", "--b\r\n\r\n", 'Content-Type: multipart/mixed; boundary="b"'
                ),
                written("h4", "eve@example.org", "x", f"Subject: {HTML}"),
            ),
            outgoing=OutgoingMessage(
                identity="<rapport.one@shop.example>",
                sender=Address("help@shop.example"),
                to=(Address("ann@example.org"),),
                subject="Parcel",
                text="It is on its way.",
            ),
            world=lambda how: provider(inbox, how),
        )
