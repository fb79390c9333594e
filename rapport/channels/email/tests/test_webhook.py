import base64
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
from django.test import Client

from rapport.channels.email.adapter import EmailChannel
from rapport.channels.email.models import EmailSettings, Incoming
from rapport.channels.email.receive.services import SERVICES
from rapport.channels.email.tests.conftest import make_inbox
from rapport.inboxes.contract import InboundMessage, MailRefused
from rapport.inboxes.models import RawBody, RawInbound

MIME = (
    "Message-ID: <w1@example.org>\r\nFrom: Ann <ann@example.org>\r\n"
    "To: help@shop.example\r\nSubject: Bell\r\n\r\nIt rings.\r\n"
)


def address(provider: str, secret: str) -> str:
    make_inbox(incoming=Incoming.WEBHOOK, webhook_provider=provider, webhook_secret=secret)
    return f"/hooks/mail/{EmailSettings.objects.get().webhook_path}"


def mailgun(key: str, token: str) -> dict[str, str]:
    at = str(int(time.time()))
    signature = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "timestamp": at,
        "token": token,
        "signature": signature,
        "recipient": "help@shop.example",
        "body-mime": MIME,
    }


def call(client: Client, path: str, form: dict[str, str]) -> int:
    return client.post(path, urlencode(form), content_type="application/x-www-form-urlencoded").status_code


def read() -> list[object]:
    raw = RawInbound.objects.get()
    return list(EmailChannel().parse(bytes(RawBody.objects.get(raw=raw).content), raw))


def test_a_proven_call_is_stored_and_reads_as_the_mail(client: Client, db: None) -> None:
    path = address("mailgun", "key-1")
    assert call(client, path, mailgun("key-1", "t1")) == 200
    [item] = read()
    assert isinstance(item, InboundMessage)
    assert (item.sender.value, item.subject, item.text.strip()) == ("ann@example.org", "Bell", "It rings.")
    assert item.provider_id == "<w1@example.org>"


def test_a_repeated_call_is_one_row(client: Client, db: None) -> None:
    path = address("mailgun", "key-1")
    assert [call(client, path, mailgun("key-1", token)) for token in ("t1", "t2")] == [200, 200]
    assert RawInbound.objects.count() == 1


def test_what_proves_nothing_is_refused(client: Client, db: None) -> None:
    path = address("mailgun", "key-1")
    assert call(client, path, mailgun("another key", "t1")) == 403
    assert call(client, path, {}) == 403
    assert call(client, "/hooks/mail/guess", mailgun("key-1", "t1")) == 404
    assert client.get(path).status_code == 405
    assert client.head(path).status_code == 200
    assert not RawInbound.objects.exists()


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_without_a_key_no_service_is_believed(service: str, client: Client, db: None) -> None:
    path = address(service, "")
    assert call(client, path, mailgun("", "t1")) == 404
    assert not RawInbound.objects.exists()


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_call_without_proof_is_refused_by_every_service(service: str, client: Client, db: None) -> None:
    path = address(service, base64.b64encode(b"key" * 12).decode())
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        assert client.post(path, b"{}", content_type=kind).status_code in {401, 403}
    assert not RawInbound.objects.exists()


def test_basic_authentication_where_a_service_signs_nothing(client: Client, db: None) -> None:
    path = address("postmark", "rapport:long-password")
    body = json.dumps(
        {
            "FromFull": {"Email": "ann@example.org", "Name": "Ann"},
            "ToFull": [{"Email": "help@shop.example", "Name": ""}],
            "Subject": "Bell",
            "MessageID": "p-1",
            "TextBody": "It rings.",
            "Headers": [{"Name": "Message-ID", "Value": "<w1@example.org>"}],
            "Attachments": [
                {"Name": "a.txt", "ContentType": "text/plain", "Content": base64.b64encode(b"file").decode()}
            ],
        }
    )
    proof = "Basic " + base64.b64encode(b"rapport:long-password").decode()
    wrong = "Basic " + base64.b64encode(b"rapport:guess").decode()

    def post(authorization: str) -> int:
        headers = {"authorization": authorization}
        return client.post(path, body, content_type="application/json", headers=headers).status_code

    assert [post(wrong), post(proof)] == [403, 200]
    assert b"long-password" not in bytes(RawBody.objects.get().content)
    [item] = read()
    assert isinstance(item, InboundMessage)
    assert [(each.name, each.content) for each in item.files] == [("a.txt", b"file")]


def test_a_call_that_cannot_be_read_is_kept_and_said(client: Client, db: None) -> None:
    path = address("mailgun", "key-1")
    form = mailgun("key-1", "t1")
    del form["body-mime"]
    assert call(client, path, form) == 200
    items = read()
    assert len(items) == 1
    raw = RawInbound.objects.get()
    [refused] = EmailChannel().parse(b"no call at all", raw)
    assert isinstance(refused, MailRefused)
