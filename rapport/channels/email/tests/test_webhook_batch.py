"""A mail service may hand over several mails in one call: each is a row, a message and an original."""

import json
from urllib.parse import urlencode

import pytest
from django.test import Client

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.receive import webhook
from rapport.conversations.models import Message
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawInbound
from rapport.kernel.jobs.worker import drain
from rapport.kernel.sentences import say
from tests import world
from tests.world import World, mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    built = world.build()
    EmailSettings.objects.update_or_create(
        inbox=built.inbox, defaults={"webhook_provider": "mandrill", "webhook_secret": "k"}
    )
    return built


def batch(company: World, *mails: bytes) -> RawInbound:
    events = [
        {
            "event": "inbound",
            "ts": 1,
            "msg": {
                "raw_msg": each.decode(),
                "email": "a@b.example",
                "from_email": "x@c.example",
                "sender": None,
                "spam_report": {"score": 1},
            },
        }
        for each in mails
    ]
    body = urlencode({"mandrill_events": json.dumps(events)}).encode()
    content = webhook.pack("mandrill", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, body)
    call = store_raw(inbox=company.inbox, content=content, source=webhook.SOURCE)
    drain(["ingest", "jobs"])
    call.refresh_from_db()
    return call


def test_each_mail_of_a_call_has_an_outcome_of_its_own(company: World) -> None:
    call = batch(
        company,
        mail(sender="manager@staff.example", subject="S1", text="FIRST"),
        mail(sender="Bob <bob@c.example>", subject="S2", text="SECOND"),
    )
    rows = RawInbound.objects.exclude(pk=call.pk).order_by("pk")
    assert [each.outcome for each in rows] == [Outcome.QUARANTINED, Outcome.PARSED]
    assert (call.outcome, "2 mails" in say(call.reason)) == (Outcome.NOTED, True)


def test_the_original_of_a_mail_is_its_own_and_not_another_customers(company: World) -> None:
    batch(
        company,
        mail(sender="Ann <ann@c.example>", subject="S1", text="FIRST"),
        mail(sender="Bob <bob@c.example>", subject="S2", text="SECOND"),
    )
    bobs = Message.objects.select_related("conversation").get(subject="S2")
    client = Client()
    client.force_login(company.agent().account)
    for what in ("original", "source"):
        given = client.get(f"/conversations/{bobs.conversation.number}/messages/{bobs.pk}/{what}").content
        assert (b"FIRST" in given, b"SECOND" in given) == (False, True), what


def test_a_call_read_again_stores_no_mail_twice(company: World) -> None:
    two = mail(subject="S1", text="one"), mail(subject="S2", text="two")
    batch(company, *two)
    batch(company, *reversed(two))
    assert Message.objects.count() == 2
