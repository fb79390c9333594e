"""Whoever has the trays in the rail sees a mail come into them and leave, without a reload."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings

from rapport.channels.ingest.decide import dismiss, place_by_hand, retry
from rapport.channels.ingest.queue import died
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawInbound
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.kernel.live.models import LiveSignal
from rapport.staff.roles import Role
from tests import world
from tests.world import World, mail, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    return world.build()


def told(company: World, act: Callable[[], object]) -> bool:
    """Tell whether the screens of the inbox's team hear of what ``act`` does."""
    before = LiveSignal.objects.count()
    act()
    heard = LiveSignal.objects.order_by("pk")[before:]
    return f"team:{company.team.pk}" in {each.topic for each in heard}


def refused(company: World, monkeypatch: pytest.MonkeyPatch) -> RawInbound:
    with monkeypatch.context() as patch:
        patch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, mail_max_bytes=1000))
        return receive(company.inbox, mail(text="y" * 5000))


def test_a_mail_that_was_refused_moved_no_count(company: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(company, lambda: refused(company, monkeypatch))
    assert RawInbound.objects.get().outcome == Outcome.REFUSED


def test_a_mail_that_ended_the_program_moved_no_count(company: World) -> None:
    store_raw(inbox=company.inbox, content=mail(), source="pipe")
    ingest = queue("ingest")
    (raw,) = claim(ingest.rows(), limit=1, lease=ingest.lease, worker="test", order=ingest.order)
    assert told(company, lambda: died(raw))
    assert RawInbound.objects.get().outcome == Outcome.POISON


def test_a_mail_that_left_its_tray_moved_no_count(company: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = company.agent(Role.TEAM_LEAD)
    raw = refused(company, monkeypatch)
    assert told(company, lambda: dismiss(agent=lead, raw=raw))
    RawInbound.objects.update(outcome=Outcome.REFUSED)
    assert told(company, lambda: retry(raw=raw))
    RawInbound.objects.update(outcome=Outcome.QUARANTINED)
    raw.refresh_from_db()
    assert told(company, lambda: place_by_hand(agent=lead, raw=raw, conversation_id=None))


def test_a_mail_that_needs_nobody_stays_quiet(company: World) -> None:
    bounce = (
        b"From: Postmaster <postmaster@customer.example>\r\nSubject: Undeliverable Mail\r\n"
        b"Message-ID: <p1@customer.example>\r\n\r\nYour mails to us are rejected.\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\nReceived: from shop.example\r\n"
    )
    assert not told(company, lambda: receive(company.inbox, bounce))
    assert RawInbound.objects.get().outcome == Outcome.NOTED
