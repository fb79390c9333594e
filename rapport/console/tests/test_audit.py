"""The audit log says in words what changed."""

import pytest

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.channels.email.actions.connect import connect
from rapport.channels.email.models import Incoming, Security
from rapport.staff.actions.brands import create_brand
from rapport.staff.models import Brand
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
