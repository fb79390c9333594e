"""The audit log says in words what changed."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlencode

import pytest

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.channels.email.actions.connect import connect
from rapport.channels.email.models import Incoming, Security
from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.teams import create_team
from rapport.staff.models import Agent, AuditEntry, Brand
from rapport.staff.roles import Role
from rapport.staff.tests.people import person
from tests import world

pytestmark = pytest.mark.django_db


def test_the_audit_log_shows_texts_and_names_not_markup_and_numbers(client, boss):
    brand = create_brand(actor=boss, name="Velo Nord")
    create_canned_reply(
        actor=boss, wording=Wording(name="Hello", shortcut="hi", html="<p>Good day</p>", brand_id=brand.pk)
    )
    page = client.get("/settings/audit").content.decode()
    assert '<span class="muted">Brand</span> <ins>Velo Nord</ins>' in page
    assert "<ins>Good day</ins>" in page
    assert '<span class="muted">Team</span>' not in page


def test_the_audit_log_says_in_words_what_changed(client, boss):
    client.post(
        "/settings/brands/new", {"name": "Shop", "colour": "#112233", "signature": "Kind regards\nShop"}
    )
    client.post(
        f"/settings/brands/{Brand.objects.get().pk}",
        {"name": "Shop", "colour": "#112233", "website": "https://x.example"},
    )
    page = client.get("/settings/audit").content.decode()
    assert "signature_html" not in page
    assert "&lt;" not in page
    assert "Kind regards" in page
    assert "Website</span> <ins>https://x.example</ins>" in page


def test_the_audit_log_said_two_ports_and_the_codes_of_choices(client, boss):
    inbox = world.build().inbox
    wanted = {"incoming": Incoming.IMAP, "imap_port": 994, "smtp_port": 588, "smtp_security": Security.TLS}
    connect(actor=boss, inbox=inbox, values=wanted)
    page = client.get("/settings/audit").content.decode()
    assert "IMAP: port</span>" in page
    assert "SMTP: port</span>" in page
    assert f"<ins>{Incoming.IMAP.label}</ins>" in page
    assert f"<ins>{Security.TLS.label}</ins>" in page


@pytest.fixture
def log(boss) -> None:
    """Three days of changes: a brand by the boss, a team from the command line, a team by a manager."""
    manager = person("Mona Keller", Role.MANAGER, password=None)
    AuditEntry.objects.all().delete()
    create_brand(actor=boss, name="First brand")
    create_team(actor=None, name="Second team")
    create_team(actor=manager, name="Third team")
    for day, entry in enumerate(AuditEntry.objects.order_by("seq"), start=1):
        AuditEntry.objects.filter(pk=entry.pk).update(recorded_at=datetime(2025, 3, day, 23, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"who": "boss"}, {"First brand"}),
        ({"who": "system"}, {"Second team"}),
        ({"about": "staff.team"}, {"Second team", "Third team"}),
        ({"since": "2025-03-02"}, {"Second team", "Third team"}),
        ({"until": "2025-03-02"}, {"First brand", "Second team"}),
        ({"since": "2025-03-02", "until": "2025-03-02"}, {"Second team"}),
        ({"about": "staff.team", "who": "boss"}, set()),
    ],
)
def test_in_the_audit_log_nobody_found_what_one_person_did_in_march(client, boss, log, asked, shown):
    asked = {name: str(boss.pk) if value == "boss" else value for name, value in asked.items()}
    page = client.get("/settings/audit", asked).content.decode()
    table = client.get("/settings/audit.csv", asked).getvalue().decode()
    names = {"First brand", "Second team", "Third team"}
    assert {name for name in names if f"<ins>{name}</ins>" in page} == shown
    assert {name for name in names if name in table} == shown
    assert f'href="/settings/audit.csv?{urlencode(asked)}"' in unescape(page) or not shown


def test_a_day_of_the_audit_log_is_one_where_its_reader_is(client, boss, log):
    Agent.objects.filter(pk=boss.pk).update(time_zone="Europe/Berlin")
    page = client.get("/settings/audit", {"until": "2025-03-02"}).content.decode()
    assert "<ins>First brand</ins>" in page
    assert "<ins>Second team</ins>" not in page


def test_the_older_entries_of_a_filtered_audit_log_are_filtered_too(client, boss, log, monkeypatch):
    monkeypatch.setattr("rapport.console.views.audit.PAGE", 1)
    page = client.get("/settings/audit", {"about": "staff.team"}).content.decode()
    assert "Third team" in page
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    page = client.get(unescape(older[1])).content.decode()
    assert "Second team" in page
    assert 'rel="next"' not in page


@pytest.mark.parametrize("day", ["yesterday", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_said_beside_its_field(client, boss, log, day):
    page = client.get("/settings/audit", {"until": day})
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.content.decode()
    assert client.get("/settings/audit.csv", {"until": day}).status_code == 400
