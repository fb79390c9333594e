"""Whoever hears of an inbox in trouble reads why, also where they may not open the settings."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.html import escape

from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Delivery
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.actions.trouble import report_trouble
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel import clock
from rapport.notifications.jobs import tell_inbox_trouble
from rapport.staff.roles import Role
from tests import world
from tests.world import World

pytestmark = pytest.mark.django_db
QUIET = "Unusually long without mail. Is it still delivered here?"


@pytest.fixture
def company() -> World:
    return world.build()


def page(company: World, role: Role, address: str) -> str:
    client = Client()
    client.force_login(company.agent(role).account)
    answer = client.get(address)
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def test_of_a_silent_inbox_the_lead_heard_only_that_it_has_trouble(company: World) -> None:
    Inbox.objects.filter(pk=company.inbox.pk).update(silent_since=clock.now() - timedelta(days=4))
    tell_inbox_trouble()
    assert escape(QUIET) in page(company, Role.TEAM_LEAD, "/notifications")
    assert QUIET in page(company, Role.ADMINISTRATOR, "/settings/inboxes.csv")
    Inbox.objects.update(silent_since=None)
    assert escape(QUIET) not in page(company, Role.TEAM_LEAD, "/notifications")


def test_a_failing_mailbox_is_told_with_its_own_words(company: World) -> None:
    Inbox.objects.filter(pk=company.inbox.pk).update(silent_since=clock.now() - timedelta(days=4))
    report_trouble(inbox_id=company.inbox.pk, words="imap.example refuses the password")
    tell_inbox_trouble()
    shown = page(company, Role.TEAM_LEAD, "/notifications")
    assert "imap.example refuses the password" in shown
    assert QUIET not in shown


def test_only_mails_that_wait_in_a_tray_lead_to_the_tray(company: World) -> None:
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    answer = Answer(html="<p>Here</p>", to=parse_addresses(["ada@customer.example"]))
    reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    RawInbound.objects.update(outcome=Outcome.REFUSED)
    assert 'href="/trays/refused"' in page(company, Role.ADMINISTRATOR, "/settings/inboxes")
    Delivery.objects.update(reason="no password", created_at=clock.now() - timedelta(hours=1))
    shown = page(company, Role.ADMINISTRATOR, "/settings/inboxes")
    assert "1 mail waits, because none goes out: no password" in shown
    assert 'href="/trays/refused"' not in shown
