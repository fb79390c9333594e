"""Words of any length from outside are cut or refused; no writer relies on SQLite, which checks no length."""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import DataError
from django.test import Client
from lxml import html

from rapport.channels.email.models import EmailSettings, Incoming
from rapport.channels.email.tests.test_webhook import mailgun
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.record_delivery import record_failed, record_sent, record_waiting
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.start import start
from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient, Message
from rapport.customers.models import Identity
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.actions.trouble import report_trouble
from rapport.inboxes.contract import Address, Receipt, RecipientResult
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.models import State
from rapport.staff.roles import Role
from tests import world
from tests.architecture.routes import Route, all_routes
from tests.security.acting import ADA, last_message, read_mail, signed_in, wire
from tests.world import World

pytestmark = pytest.mark.django_db
LONG = "Überlänge " * 250
WORD = "x" * 2500
GROWS = "İ"
"""One character that is two in lower case."""
ANSWERED = {200, 302, 303, 422, 429}

HEADERS = {
    "From": f"{WORD} <ada@customer.example>",
    "To": f"{WORD} <support@velonord.example>, {WORD}@customer.example",
    "Cc": f"{WORD} <{WORD}@{WORD}.example>",
    "Reply-To": f"{WORD} <{WORD}@customer.example>",
    "Sender": f"{WORD}@customer.example",
    "Subject": LONG,
    "Message-ID": f"<{WORD}@customer.example>",
    "In-Reply-To": f"<{WORD}@customer.example>",
    "References": " ".join(f"<{number}{WORD}@customer.example>" for number in range(40)),
    "Auto-Submitted": f"auto-replied; {WORD}",
    "List-Id": f"{WORD} <{WORD}>",
    "Authentication-Results": f"{WORD}; dkim={WORD} header.d={WORD}",
    "X-Spam-Flag": f"yes {WORD}",
    "Content-Language": WORD,
    "Date": WORD,
}


def test_the_suite_notices_words_that_are_too_long(company: World) -> None:
    with pytest.raises(DataError):
        Inbox.objects.filter(pk=company.inbox.pk).update(name=WORD)


def test_the_suite_notices_them_in_bulk(company: World) -> None:
    inbox = Inbox(name=WORD, address="long@velonord.example", brand=company.brand, team=company.team)
    with pytest.raises(DataError):
        Inbox.objects.bulk_create([inbox])


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_a_header_of_a_mail(company: World, name: str) -> None:
    fields = {"From": "Ada <ada@customer.example>", "To": "support@velonord.example", "Subject": "Bell"}
    lines = [f"{key}: {value}" for key, value in (fields | {name: HEADERS[name]}).items()]
    raw = world.receive(company.inbox, "\r\n".join([*lines, "", "It rings."]).encode())
    assert raw.state == State.DONE, raw.last_error
    assert raw.outcome != "poison", raw.reason


def test_all_of_them_at_once(company: World) -> None:
    lines = [f"{key}: {value}" for key, value in HEADERS.items()]
    content = "\r\n".join([*lines, "", LONG * 5]).encode()
    raw = store_raw(
        inbox=company.inbox,
        content=content,
        source="lmtp",
        envelope_from=f"{WORD}@customer.example",
        envelope_to=f"support+{WORD}@velonord.example",
    )
    world.ingest()
    raw.refresh_from_db()
    assert (raw.state, raw.last_error) == (State.DONE, "")


def test_the_files_of_a_mail(company: World) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ADA, company.inbox.address, "Files"
    mail.set_content("Here they are.")
    mail.add_attachment(b"one", maintype="application", subtype="octet-stream", filename=f"{LONG}.{WORD}")
    content = mail.as_bytes().replace(
        b"application/octet-stream", f"application/{WORD}\r\nContent-ID: <{WORD}>".encode()
    )
    raw = world.receive(company.inbox, content)
    assert raw.outcome == "parsed", raw.reason
    assert Message.objects.get(raw=raw).attachments.count() == 1


def test_an_answer_to_the_longest_subject(company: World) -> None:
    raw = world.receive(company.inbox, world.mail(subject="S" * 2000))
    conversation = world.conversation_of(raw)
    sent = answered(company, conversation)
    assert len(sent.subject) <= 500
    assert sent.subject.startswith("Re: S")
    assert read_mail(wire(Delivery.objects.get(message=sent)))["Subject"].startswith("Re: SSS")


def answered(company: World, conversation: Conversation, **more: Any) -> Message:
    given: dict[str, Any] = {"html": "<p>Yes.</p>", "to": (Address(ADA),)} | more
    return reply(
        agent=company.agent(), conversation_id=conversation.pk, answer=Answer(**given), undo=timedelta(0)
    )


def test_answers_forwards_and_first_mails_of_long_words(company: World) -> None:
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    grows = Address(f"{GROWS * 64}@{'.'.join(['d' * 60] * 4)}", "N" * 200)
    wide: dict[str, Any] = {
        "to": (grows,),
        "cc": (Address(ADA),),
        "bcc": (grows,),
        "subject": LONG,
        "html": f"<p>{LONG}</p>",
    }
    answered(company, conversation, **wide)
    answer = Answer(**wide)
    # Whoever takes part with the customer is refused as a reader of a forward.
    other = replace(grows, value=f"{GROWS * 63}x@{'.'.join(['d' * 60] * 4)}")
    aside = replace(answer, to=(other,), cc=(Address("lab@firm.example"),), bcc=(other,))
    last = last_message(conversation).pk
    DeliveryRecipient.objects.update(state="sent")
    forward(agent=company.agent(), conversation_id=conversation.pk, answer=aside, message_id=last)
    DeliveryRecipient.objects.update(state="pending")
    start(agent=company.agent(), inbox=company.inbox, answer=answer)
    assert Delivery.objects.count() == 3
    assert all(wire(delivery) for delivery in Delivery.objects.all())


def test_a_bounce_of_long_words(company: World) -> None:
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    sent = answered(company, conversation)
    report = (
        f"From: MAILER-DAEMON <mailer-daemon@{'m' * 2400}.example>\r\nTo: {company.inbox.address}\r\n"
        f"Subject: Undelivered {LONG}\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{LONG}\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; {WORD}\r\n\r\n"
        f"Final-Recipient: rfc822; {ADA}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 {WORD}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent.identity}\r\n\r\n--b--\r\n"
    )
    raw = world.receive(company.inbox, report.encode())
    assert (raw.state, raw.outcome) == (State.DONE, "noted"), raw.last_error
    assert DeliveryRecipient.objects.get().state == "bounced"
    assert Identity.objects.get(value=ADA).bounced_at is not None


@pytest.mark.parametrize("record", ["waiting", "failed", "refused", "put off", "sent"])
def test_what_a_mail_server_says_at_length(company: World, record: str) -> None:
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    answered(company, conversation)
    rows = Delivery.objects.all()
    (delivery,) = claim(rows, limit=1, lease=timedelta(minutes=1), worker="test")
    if record == "waiting":
        record_waiting(delivery=delivery, reason=WORD)
    elif record == "failed":
        record_failed(delivery=delivery, reason=WORD)
    else:
        said = RecipientResult(
            address=ADA, accepted=record == "sent", permanent=record == "refused", detail=WORD
        )
        record_sent(delivery=delivery, receipt=Receipt(provider_id=WORD, recipients=(said,)))
    delivery.refresh_from_db()
    assert delivery.state in {State.QUEUED, State.FAILED, State.DONE}


def test_trouble_told_at_length(company: World) -> None:
    assert report_trouble(inbox_id=company.inbox.pk, words=WORD)


def test_a_call_of_a_mail_service(company: World, client: Client) -> None:
    settings = EmailSettings.objects.create(
        inbox=company.inbox,
        incoming=Incoming.WEBHOOK,
        webhook_provider="mailgun",
        webhook_secret="key-1",
    )
    form = mailgun("key-1", "t1")
    lines = [f"{key}: {value}" for key, value in HEADERS.items()]
    form |= {"body-mime": "\r\n".join([*lines, "", LONG]), "recipient": f"{WORD}@shop.example", WORD: WORD}
    answer = client.post(
        f"/hooks/mail/{settings.webhook_path}",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    world.ingest()
    assert RawInbound.objects.get().state == State.DONE


FILLED = {
    "to": ADA,
    "cc": "",
    "bcc": "",
    "html": "<p>Yes.</p>",
    "text": "Yes.",
    "subject": "Bell",
    "status": "open",
    "mode": "reply",
    "act": "new",
    "address": "new@customer.example",
}
"""What a form of the workspace needs to be carried out, beside the one value that is too long."""


COMPOSED = ("to", "cc", "bcc", "html", "text", "subject")


def names_read_by(route: Route) -> set[str]:
    """The names that the module of a view reads from a form, found in its source."""
    source = inspect.getsource(sys.modules[route.package])
    return {*COMPOSED, *re.findall(r"(?:POST|given|posted)(?:\.get|\.getlist)?[(\[]\"(\w+)\"", source)}


@pytest.fixture
def desk(company: World) -> dict[str, object]:
    raw = world.receive(company.inbox, world.mail())
    message = Message.objects.get(raw=raw)
    sent = answered(company, message.conversation)
    Delivery.objects.update(state=State.FAILED)
    return {
        "number": message.conversation.number,
        "message": sent.pk,
        "pk": raw.pk,
        "inbox": company.inbox.pk,
    }


def test_every_form_of_the_workspace(company: World, desk: dict[str, object]) -> None:
    client = Client()
    client.force_login(company.agent(Role.ADMINISTRATOR).account)
    broken = []
    for route in all_routes():
        if not route.package.startswith("rapport.workspace"):
            continue
        for name in sorted(names_read_by(route)):
            for value in (f"{WORD}@customer.example", GROWS * 500):
                answer = client.post(route.address(**desk), FILLED | {"inbox": desk["inbox"], name: value})
                if answer.status_code >= 500:
                    broken.append(f"{route.name} {name}")
    assert broken == []


def pages(client: Client, keys: set[int]) -> list[tuple[str, list[Any]]]:
    """The addresses of all pages with the forms on them; ``keys`` are those of rows that exist."""
    found = []
    for route in all_routes():
        if route.door == "hook" or not route.package.startswith(("rapport", "allauth")):
            continue
        if "logout" in route.name or route.package.startswith("rapport.ui"):
            continue
        for address in {route.address(pk=key) for key in keys}:
            answer = client.get(address)
            if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
                found.append((address, html.fromstring(answer.content).forms))
    return found


def fields_of(address: str, forms: list[Any]) -> Iterator[tuple[str, dict[str, str], str]]:
    """Each field that takes words, with the address its form goes to and what the others hold."""
    for form in forms:
        if (form.get("method") or "get").lower() == "post":
            given = {key: value or "x@customer.example" for key, value in form.form_values()}
            for field in form.inputs:
                if field.name and field.get("type") not in {"hidden", "checkbox", "radio", "file", "submit"}:
                    yield form.get("action") or address, given, field.name


def test_every_field_of_every_page(company: World) -> None:
    """Each field of words too long by itself, the others as the page gave them."""
    boss = company.agent(Role.ADMINISTRATOR)
    EmailSettings.objects.create(inbox=company.inbox)
    client = Client()
    client.force_login(boss.account)
    seen = set()
    keys = {boss.pk, company.inbox.pk, company.brand.pk, company.team.pk}
    for address, forms in pages(client, keys):
        for target, given, name in fields_of(address, forms):
            seen.add((target, name))
            for value in (LONG, GROWS * 500):
                assert client.post(target, given | {name: value}).status_code in ANSWERED, (target, name)
    assert {"imap_host", "subject", "bio", "signature", "shortcut", "oldpassword"} <= {
        name for _, name in seen
    }


@pytest.mark.parametrize(
    "header", ["User-Agent", "Accept-Language", "Referer", "X-Forwarded-For", "X-Request-ID"]
)
def test_headers_of_a_request(company: World, header: str) -> None:
    for client in (Client(), signed_in(company.agent())):
        for address in ("/", "/accounts/login/", f"/search?{urlencode({'q': LONG})}"):
            assert client.get(address, headers={header: WORD}).status_code < 500
        given = {"login": f"{WORD}@staff.example", "password": WORD}
        assert client.post("/accounts/login/", given, headers={header: WORD}).status_code < 500


def test_what_names_a_thing_in_an_address(company: World) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    for route in all_routes():
        for name in route.takes:
            value: object = (
                WORD if name in {"key", "token", "path", "name", "digest", "uidb36"} else 10**18 - 1
            )
            assert client.get(route.address(**{name: value})).status_code < 500, route.name
