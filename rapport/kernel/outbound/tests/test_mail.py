import socket
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction

from rapport.kernel import clock
from rapport.kernel.jobs import worker
from rapport.kernel.jobs.models import State
from rapport.kernel.outbound import mail
from rapport.kernel.outbound.smtp_url import BadUrl, parse
from rapport.kernel.sentences import say
from tests.servers.process import free_port

pytestmark = pytest.mark.django_db


class Sink:
    def __init__(self):
        self.mails, self.answer = [], "250 taken"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


class Refusing:
    """A mail server that takes every command but one; yields its port."""

    def __init__(self, line, answer):
        self._line, self._answer = line, answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self._listening.getsockname()[1]

    def __exit__(self, *_error):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self):
        while True:
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            with connection, suppress(OSError), connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream):
        def reply(line, otherwise):
            stream.write((self._answer if line == self._line else otherwise).encode() + b"\r\n")
            stream.flush()

        reply("greeting", "220 here")
        in_mail = False
        for command in stream:
            if in_mail and command != b".\r\n":
                continue
            word = command.split()[0].decode().upper()
            word = "EHLO" if word == "HELO" else word
            in_mail = word == "DATA"
            reply(
                word,
                {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 in", "DATA": "354 go"}.get(
                    word, "250 yes"
                ),
            )


@pytest.fixture(autouse=True)
def backend(settings):
    settings.EMAIL_BACKEND = "rapport.kernel.outbound.mail.SystemMailBackend"


@pytest.fixture
def smtp(settings):
    sink = Sink()
    port = free_port()
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url=f"smtp://127.0.0.1:{port}?starttls=no")
    yield sink
    server.stop()


def send():
    return mail.send_system_mail(
        "lena@shop.example", "Your\r\nBcc: x@evil.example invitation", "Open https://…"
    )


def test_a_mail_goes_after_the_transaction_and_its_words_go_too(smtp):
    with transaction.atomic():
        row = send()
    assert smtp.mails == []
    worker.drain([mail.QUEUE])
    (sent,) = smtp.mails
    assert (sent["To"], sent["Subject"]) == ("lena@shop.example", "Your Bcc: x@evil.example invitation")
    assert sent["Bcc"] is None
    assert (sent["Message-ID"], sent["Auto-Submitted"]) == (row.message_id, "auto-generated")
    row.refresh_from_db()
    assert (row.state, row.text) == (State.DONE, "")


def test_djangos_mail_becomes_system_mail_with_both_parts(smtp):
    message = EmailMultiAlternatives("Hello", "plain", None, ["a@shop.example", "b@shop.example"])
    message.attach_alternative("<p>rich</p>", "text/html")
    assert message.send() == 1
    assert send_mail("Other", "text", None, ["c@shop.example"]) == 1
    worker.drain([mail.QUEUE])
    assert [str(sent["To"]) for sent in smtp.mails] == ["a@shop.example", "b@shop.example", "c@shop.example"]
    assert smtp.mails[0].get_body(("html",)).get_content().strip() == "<p>rich</p>"


def test_a_temporary_refusal_waits_and_keeps_its_identity(smtp):
    row = send()
    smtp.answer = "451 greylisted"
    worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, "451 greylisted" in say(row.last_error)) == (State.QUEUED, True)
    smtp.answer = "250 taken"
    with clock.travel(clock.now() + timedelta(hours=1)):
        worker.drain([mail.QUEUE])
    assert smtp.mails[0]["Message-ID"] == row.message_id


def test_a_final_refusal_waits_for_a_person(smtp):
    row = send()
    smtp.answer = "550 no such user"
    worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, "no such user" in say(row.last_error)) == (State.FAILED, True)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("greeting", "554 5.7.1 not from your network"),
        ("EHLO", "550 who are you"),
        ("AUTH", "535 5.7.8 wrong password"),
        ("AUTH", "534 5.7.9 another mechanism, please"),
        ("MAIL", "530 5.7.0 sign in first"),
        ("MAIL", "550 5.7.1 this sender is not yours"),
        ("RCPT", "530 5.7.0 sign in first"),
    ],
)
def test_a_wrong_password_made_every_system_mail_a_dead_letter(settings, line, answer):
    with Refusing(line, answer) as port:
        url = f"smtp://desk:wrong@127.0.0.1:{port}?starttls=no"
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url=url)
        row = send()
        worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, answer in say(row.last_error)) == (State.QUEUED, True)


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "452 4.3.1 no room", "421 4.3.2 closing"])
def test_a_temporary_refusal_of_the_sender_was_tried_for_ever(settings, answer):
    at = clock.now()
    with Refusing("MAIL", answer) as port:
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url=f"smtp://127.0.0.1:{port}?starttls=no")
        row = send()
        worker.drain([mail.QUEUE])
        row.refresh_from_db()
        assert (row.state, row.attempts, answer in say(row.last_error)) == (State.QUEUED, 1, True)
        for day in range(40):
            with clock.travel(at + timedelta(days=day)):
                worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert row.state == State.FAILED


def test_a_mail_that_is_too_large_was_tried_for_ever(settings):
    with Refusing("MAIL", "552 5.3.4 message too big") as port:
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url=f"smtp://127.0.0.1:{port}?starttls=no")
        row = send()
        worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, "too big" in say(row.last_error)) == (State.FAILED, True)


def test_a_mail_was_sent_again_after_an_odd_farewell(settings):
    with Refusing("QUIT", "500 what") as port:
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url=f"smtp://127.0.0.1:{port}?starttls=no")
        row = send()
        worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert row.state == State.DONE


def test_a_wrong_password_waits_as_long_as_it_takes(settings):
    at = clock.now()
    with Refusing("AUTH", "535 5.7.8 wrong password") as port:
        url = f"smtp://desk:wrong@127.0.0.1:{port}?starttls=no"
        settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url=url)
        row = send()
        for hour in range(40):
            with clock.travel(at + timedelta(hours=hour)):
                worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 0)


def test_without_a_server_mail_waits_as_long_as_it_takes(settings):
    row = send()
    at = clock.now()
    for hour in range(40):
        with clock.travel(at + timedelta(hours=hour)):
            worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 0)
    assert "RAPPORT_SMTP_URL" in say(row.last_error)


def test_a_server_that_is_away_is_tried_again(settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url="smtp://127.0.0.1:1?starttls=no")
    row = send()
    worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, "cannot be reached" in say(row.last_error)) == (State.QUEUED, True)


def test_addresses_of_servers():
    server = parse("smtp://me%40x:p%3Aw@mx.shop.example")
    assert (server.user, server.password, server.port, server.starttls) == ("me@x", "p:w", 587, True)
    assert parse("smtps://mx.shop.example").implicit_tls
    for bad in (
        "",
        "mx.shop.example",
        "http://x",
        "smtp://",
        "smtp://x:99999",
        "smtp://u@x",
        "smtp://x?starttls=maybe",
    ):
        with pytest.raises(BadUrl):
            parse(bad)
