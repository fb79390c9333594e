import socket
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

pytestmark = pytest.mark.django_db


class Sink:
    def __init__(self):
        self.mails, self.answer = [], "250 taken"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture(autouse=True)
def backend(settings):
    settings.EMAIL_BACKEND = "rapport.kernel.outbound.mail.SystemMailBackend"


@pytest.fixture
def smtp(settings):
    from dataclasses import replace

    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
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
    assert (row.state, "451 greylisted" in row.last_error) == (State.QUEUED, True)
    smtp.answer = "250 taken"
    with clock.travel(clock.now() + timedelta(hours=1)):
        worker.drain([mail.QUEUE])
    assert smtp.mails[0]["Message-ID"] == row.message_id


def test_a_final_refusal_waits_for_a_person(smtp):
    row = send()
    smtp.answer = "550 no such user"
    worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, "no such user" in row.last_error) == (State.FAILED, True)


def test_without_a_server_mail_waits_as_long_as_it_takes(settings):
    row = send()
    at = clock.now()
    for hour in range(40):
        with clock.travel(at + timedelta(hours=hour)):
            worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.QUEUED, 0)
    assert "RAPPORT_SMTP_URL" in row.last_error


def test_a_server_that_is_away_is_tried_again(settings):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url="smtp://127.0.0.1:1?starttls=no")
    row = send()
    worker.drain([mail.QUEUE])
    row.refresh_from_db()
    assert (row.state, "cannot be reached" in row.last_error) == (State.QUEUED, True)


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
