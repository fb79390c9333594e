"""Each service's call in the form that its documentation shows, from the proof to the conversation."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from rapport.channels.email import errands
from rapport.channels.email.check import check_incoming
from rapport.channels.email.models import EmailSettings, Incoming
from rapport.channels.email.receive import webhook
from rapport.channels.email.receive.services import SERVICES
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.service_api import Api, service_api
from rapport.channels.testing.conformance import read_all
from rapport.conversations.models import Message
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawBody, RawInbound
from rapport.kernel import clock
from rapport.kernel.jobs import hold
from rapport.kernel.jobs.models import Job
from rapport.kernel.jobs.worker import drain
from rapport.kernel.sentences import say

pytestmark = pytest.mark.django_db
KEY = "api-key"
PASSWORD = "rapport:long-password"
SVIX = "whsec_" + base64.b64encode(b"k" * 24).decode()
MIME = (
    b"Message-ID: <w1@example.org>\r\nFrom: Ann <ann@example.org>\r\n"
    b"To: help@shop.example\r\nSubject: Bell\r\n\r\nIt rings.\r\n"
)
JSON = "application/json"


@pytest.fixture
def api(settings: Any) -> Iterator[Api]:
    with service_api() as running:
        settings.ANYMAIL = {f"{name}_API_URL": f"{running.url}/" for name in ("BREVO", "MAILTRAP", "RESEND")}
        yield running


def path_for(service: str, secret: str) -> str:
    make_inbox(
        incoming=Incoming.WEBHOOK, webhook_provider=service, webhook_secret=secret, webhook_api_key=KEY
    )
    return f"/hooks/mail/{EmailSettings.objects.get().webhook_path}"


def basic(given: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(given.encode()).decode()}


def read_everything() -> None:
    read_all()
    drain(["jobs"])
    read_all()


def resend_signed(body: bytes, *, key: bytes = b"k" * 24, at: int | None = None) -> dict[str, str]:
    sent_at = str(at or int(time.time()))
    seal = hmac.digest(key, f"msg_1.{sent_at}.".encode() + body, hashlib.sha256)
    return {
        "svix-id": "msg_1",
        "svix-timestamp": sent_at,
        "svix-signature": f"v1,c3Vuc2V0 v1,{base64.b64encode(seal).decode()}",
    }


def mailtrap_signed(body: bytes, key: str = "trap") -> dict[str, str]:
    return {"Mailtrap-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


RESEND = json.dumps(
    {
        "type": "email.received",
        "created_at": "2026-02-22T23:41:12.126Z",
        "data": {"email_id": "56761188-7520", "from": "Ann <ann@example.org>", "subject": "Bell"},
    }
).encode()
MAILTRAP = json.dumps(
    {
        "events": [
            {
                "event": "inbound.message_received",
                "event_id": "e1",
                "timestamp": 1767225600000,
                "inbox_id": 77,
                "message_id": "m/1",
            }
        ]
    }
).encode()
BREVO = json.dumps(
    {
        "items": [
            {
                "Uuid": ["b1"],
                "Subject": "Bell",
                "RawTextBody": "It rings.\n",
                "RawHtmlBody": "",
                "SpamScore": 0.1,
                "Headers": {
                    "From": "Ann <ann@example.org>",
                    "To": "help@shop.example",
                    "Subject": "Bell",
                    "Message-ID": "<w1@example.org>",
                    "Received": ["from a", "from b"],
                },
                "Attachments": [
                    {
                        "Name": "bell.txt",
                        "ContentType": "text/plain",
                        "ContentID": None,
                        "DownloadToken": "t/1",
                    }
                ],
            }
        ]
    }
).encode()


def notification(content: str, *, encoding: str = "UTF-8", action: str = "SNS") -> bytes:
    told = {
        "notificationType": "Received",
        "mail": {"source": "ann@example.org", "messageId": "s1"},
        "receipt": {"recipients": ["help@shop.example"], "action": {"type": action, "encoding": encoding}},
        "content": content,
    }
    return json.dumps({"Type": "Notification", "MessageId": "n1", "Message": json.dumps(told)}).encode()


def fetched_call(service: str, api: Api) -> tuple[str, bytes, dict[str, str], dict[str, str]]:
    """Return secret, body, right and wrong headers of a call, and put the mail at the service."""
    api.answers["/raw"] = (200, MIME)
    if service == "resend":
        told = {"id": "56761188-7520", "raw": {"download_url": f"{api.url}/raw?sig=x"}}
        api.answers["/emails/receiving/56761188-7520"] = (200, json.dumps(told).encode())
        return SVIX, RESEND, resend_signed(RESEND), resend_signed(RESEND, key=b"x" * 24)
    if service == "mailtrap":
        told = {"id": "m/1", "raw_message_url": f"{api.url}/raw?sig=x"}
        api.answers["/inbound/inboxes/77/messages/m%2F1"] = (200, json.dumps(told).encode())
        return "trap", MAILTRAP, mailtrap_signed(MAILTRAP), mailtrap_signed(MAILTRAP, "other")
    api.answers["/inbound/attachments/t%2F1"] = (200, b"ding")
    return PASSWORD, BREVO, basic(), basic("rapport:guess")


@pytest.mark.parametrize("service", ["brevo", "mailtrap", "resend"])
def test_a_call_that_names_a_mail_is_stored_and_the_mail_fetched(
    service: str, client: Client, api: Api
) -> None:
    secret, body, right, wrong = fetched_call(service, api)
    path = path_for(service, secret)
    assert client.post(path, body, content_type=JSON, headers=wrong).status_code == 403
    assert not RawInbound.objects.exists()
    assert [client.post(path, body, content_type=JSON, headers=right).status_code for _ in range(2)] == [
        200,
        200,
    ]
    assert body in bytes(RawBody.objects.get().content)
    assert api.asked == []
    read_everything()
    message = Message.objects.get()
    assert (message.identity, message.subject, message.text.strip()) == (
        "<w1@example.org>",
        "Bell",
        "It rings.",
    )
    assert KEY in str(api.asked[0].headers)
    call, mail = RawInbound.objects.order_by("pk")
    errands.run(raw_id=call.pk)
    assert RawInbound.objects.count() == 2
    assert (call.outcome, mail.outcome) == (Outcome.NOTED, Outcome.PARSED)
    if service == "brevo":
        assert [each.name for each in message.attachments.all()] == ["bell.txt"]
    else:
        assert bytes(RawBody.objects.get(raw=mail).content) == MIME


def test_a_mail_that_cannot_be_fetched_now_is_fetched_later_and_once(client: Client, api: Api) -> None:
    secret, body, right, _ = fetched_call("resend", api)
    [told] = [api.answers.pop(each) for each in list(api.answers) if "emails" in each]
    api.answers["/emails/receiving/56761188-7520"] = (503, b"later")
    assert client.post(path_for("resend", secret), body, content_type=JSON, headers=right).status_code == 200
    read_everything()
    [waiting] = Job.objects.filter(name="email.errand")
    assert (waiting.state, Message.objects.count()) == ("queued", 0)
    api.answers["/emails/receiving/56761188-7520"] = told
    Job.objects.update(run_at=RawInbound.objects.get().received_at)
    read_everything()
    assert Message.objects.count() == 1
    assert not Job.objects.filter(name="email.errand").exists()


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:80/mail", "http://169.254.169.254/latest", "file:///etc/passwd"]
)
def test_a_mail_was_fetched_from_an_address_of_our_own_network(place: str, client: Client, api: Api) -> None:
    secret, body, right, _ = fetched_call("resend", api)
    api.answers["/emails/receiving/56761188-7520"] = (
        200,
        json.dumps({"raw": {"download_url": place}}).encode(),
    )
    client.post(path_for("resend", secret), body, content_type=JSON, headers=right)
    read_everything()
    assert Job.objects.get(name="email.errand").last_error.startswith('{"code": "outbound.')
    assert not Message.objects.exists()


def test_a_restored_copy_fetches_nothing_until_it_is_resumed(client: Client, api: Api) -> None:
    secret, body, right, _ = fetched_call("resend", api)
    assert client.post(path_for("resend", secret), body, content_type=JSON, headers=right).status_code == 200
    hold.hold("restored from copy.tar")
    read_everything()
    assert (api.asked, Message.objects.count()) == ([], 0)
    hold.resume()
    with clock.travel(clock.now() + timedelta(minutes=2)):
        read_everything()
    assert Message.objects.count() == 1


def test_a_mail_that_the_service_no_longer_has_stays_listed(client: Client, api: Api) -> None:
    secret, body, right, _ = fetched_call("mailtrap", api)
    api.answers.clear()
    client.post(path_for("mailtrap", secret), body, content_type=JSON, headers=right)
    read_everything()
    words = Job.objects.get(name="email.errand", state="failed").last_error
    assert say(words) == "The mail service no longer has the mail (status 404)."


def test_why_a_mail_was_not_fetched_was_english_for_german_readers(client: Client, api: Api) -> None:
    secret, body, right, _ = fetched_call("mailtrap", api)
    api.answers.clear()
    client.post(path_for("mailtrap", secret), body, content_type=JSON, headers=right)
    read_everything()
    with translation.override("de"):
        words = say(Job.objects.get(name="email.errand", state="failed").last_error)
    assert words == "Der Maildienst hat die Mail nicht mehr (Status 404)."


def test_an_old_signature_of_resend_proves_nothing(client: Client) -> None:
    old = resend_signed(RESEND, at=int(time.time()) - 3600)
    assert client.post(path_for("resend", SVIX), RESEND, content_type=JSON, headers=old).status_code == 403
    assert client.post("/hooks/mail/x", RESEND, content_type=JSON).status_code == 404


@pytest.mark.parametrize(
    ("content", "encoding"), [(MIME.decode(), "UTF-8"), (base64.b64encode(MIME).decode(), "BASE64")]
)
def test_amazon_is_asked_for_its_password_and_then_believed(
    content: str, encoding: str, client: Client
) -> None:
    path, body = path_for("amazon_ses", PASSWORD), notification(content, encoding=encoding)
    asked = client.post(path, body, content_type="text/plain")
    assert (asked.status_code, asked.headers["WWW-Authenticate"]) == (401, 'Basic realm="Rapport"')
    wrong = client.post(path, body, content_type="text/plain", headers=basic("rapport:guess"))
    assert wrong.status_code == 403
    assert client.post(path, body, content_type="text/plain", headers=basic()).status_code == 200
    read_everything()
    assert Message.objects.get().subject == "Bell"


def test_a_mail_that_amazon_put_elsewhere_says_what_to_change(client: Client) -> None:
    path = path_for("amazon_ses", PASSWORD)
    client.post(path, notification("", action="S3"), content_type="text/plain", headers=basic())
    read_everything()
    raw = RawInbound.objects.get()
    assert raw.outcome == Outcome.REFUSED
    assert "publish to SNS" in say(raw.reason)


def test_a_confirmation_goes_to_amazon_only(client: Client, api: Api) -> None:
    path = path_for("amazon_ses", PASSWORD)
    for number, host in enumerate((api.url, "https://sns.eu-west-1.amazonaws.com.evil.example", "http://[")):
        asks = {
            "Type": "SubscriptionConfirmation",
            "MessageId": str(number),
            "SubscribeURL": f"{host}/confirm",
        }
        assert (
            client.post(path, json.dumps(asks), content_type="text/plain", headers=basic()).status_code == 200
        )
    read_everything()
    assert Job.objects.filter(name="email.errand", state="failed").count() == 3
    assert api.asked == []
    assert set(RawInbound.objects.values_list("outcome", flat=True)) == {Outcome.NOTED}


@pytest.mark.parametrize("raw", [True, False])
def test_sendgrid_by_user_and_password_whole_or_in_parts(client: Client, *, raw: bool) -> None:
    path = path_for("sendgrid", PASSWORD)
    parts = {"headers": MIME.decode().partition("\r\n\r\n")[0], "text": "It rings.", "charsets": "{}"}
    form = {"email": MIME.decode()} if raw else parts
    form["envelope"] = json.dumps({"from": "ann@example.org", "to": ["help@shop.example"]})
    assert client.post(path, form, headers=basic("rapport:guess")).status_code == 403
    assert [client.post(path, form, headers=basic()).status_code for _ in range(2)] == [200, 200]
    read_everything()
    message = Message.objects.get()
    assert (message.identity, message.text.strip()) == ("<w1@example.org>", "It rings.")


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"items": [1]}', b'{"events": 7}', b"\xff"])
def test_no_call_stops_the_reading(service: str, body: bytes, api: Api) -> None:
    path_for(service, PASSWORD)
    content = webhook.pack(service, {"CONTENT_TYPE": JSON}, body)
    inbox = EmailSettings.objects.get().inbox
    store_raw(inbox=inbox, content=content, source="webhook", key=webhook._key(content, inbox.pk))
    read_everything()
    raw = RawInbound.objects.get()
    waits = Job.objects.filter(name="email.errand").exists()
    assert raw.outcome in {Outcome.REFUSED, Outcome.PARSED} or (raw.outcome == Outcome.NOTED and waits)
    assert api.asked == []


def test_a_missing_api_key_is_said_where_mails_are_only_named() -> None:
    path_for("resend", SVIX)
    settings = EmailSettings.objects.get()
    assert check_incoming(settings) == []
    settings.webhook_api_key = ""
    assert [each.setting for each in check_incoming(settings)] == ["webhook_api_key"]
    settings.provider, settings.provider_key = "resend", KEY
    assert check_incoming(settings) == []
