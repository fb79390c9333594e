"""A call may hold any JSON: it is stored or refused, and never ends the receiver."""

import pytest
from django.test import Client

from rapport.channels.email.receive.services import BASIC, SERVICES
from rapport.channels.email.tests.test_webhook_services import SVIX, basic, path_for, resend_signed
from rapport.inboxes.models import Outcome, RawInbound
from tests.world import ingest

pytestmark = pytest.mark.django_db

BODIES = (
    "[1]", "null", "1", '"x"', "true", "{}", "[]", "[null]", '{"signature": 1}', '{"signature": null}',
    '{"signature": {"token": 1, "timestamp": [], "signature": {}}}', "{", "", "[" * 3000, "1" * 5000,
    '"\\ud800"', '{"signature": "\\ud800", "token": "\\ud800", "timestamp": "1", "mandrill_events": 1}',
)  # fmt: skip
TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b")


@pytest.mark.parametrize("service", SERVICES)
def test_json_of_any_shape_ended_the_receiver(client: Client, service: str) -> None:
    path = path_for(service, "secret")
    headers = {"X-Postal-Signature": "x", "X-Mandrill-Signature": "x", "Signature": "x"}
    for body in BODIES:
        for content_type in TYPES:
            answer = client.post(path, body, content_type=content_type, headers=headers)
            assert answer.status_code in {400, 401, 403}, (content_type, body[:80])
    assert not RawInbound.objects.exists()


@pytest.mark.parametrize("service", [name for name, each in SERVICES.items() if each.secret == BASIC])
def test_what_a_proven_call_holds_is_kept(client: Client, service: str) -> None:
    path = path_for(service, "rapport:long-password")
    for number, body in enumerate(BODIES, 1):
        assert client.post(path, body, content_type="application/json", headers=basic()).status_code == 200
        assert RawInbound.objects.count() <= number
    ingest()
    assert RawInbound.objects.exists()
    assert not RawInbound.objects.filter(outcome=Outcome.POISON).exists()


def test_what_a_signed_call_holds_is_kept(client: Client) -> None:
    path = path_for("resend", SVIX)
    for body in BODIES:
        signed = resend_signed(body.encode())
        assert client.post(path, body, content_type="application/json", headers=signed).status_code == 200
    assert RawInbound.objects.exists()
