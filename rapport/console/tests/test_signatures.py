"""Signatures keep their formatting, and nothing in them runs."""

from html import escape

import lxml.html
import pytest

from rapport.canned_replies.models import CannedReply
from rapport.staff.actions.brands import create_brand
from rapport.staff.models import Brand

pytestmark = pytest.mark.django_db


def test_saving_an_unchanged_signature_keeps_its_formatting(client, boss):
    brand = create_brand(actor=boss, name="Shop", signature_html="<p><b>Shop</b><br>Berlin</p>")
    page = client.get(f"/settings/brands/{brand.pk}")
    posted = {"name": "Shop", "colour": "#445566", **signature_fields(page)}
    client.post(f"/settings/brands/{brand.pk}", posted)
    brand.refresh_from_db()
    assert (brand.colour, brand.signature_html) == ("#445566", "<p><b>Shop</b><br>Berlin</p>")


def test_without_scripts_an_edited_signature_is_what_was_typed(client, boss):
    brand = create_brand(actor=boss, name="Shop", signature_html="<p><b>Shop</b><br>Berlin</p>")
    posted = signature_fields(client.get(f"/settings/brands/{brand.pk}")) | {"signature": "Shop & Co\r\nBonn"}
    client.post(f"/settings/brands/{brand.pk}", {"name": "Shop", "colour": "#445566", **posted})
    brand.refresh_from_db()
    assert brand.signature_html == "<p>Shop &amp; Co<br>Bonn</p>"


def signature_fields(page) -> dict[str, str]:
    """Return what a browser without scripts sends back of a signature that nobody touched."""
    form = lxml.html.fromstring(page.content.decode()).xpath("//form[.//textarea[@name='signature']]")[0]
    return {name: str(form.fields[name]) for name in ("signature", "signature-html")}


@pytest.mark.parametrize("scripts", [True, False])
def test_no_script_survives_in_a_formatted_signature_or_canned_reply(client, boss, scripts):
    hostile = "<p onclick='x()'><b>Shop</b><script>x()</script><img src=x onerror=x()></p>"
    field = "{}-html" if scripts else "{}"
    kind = {field.format("signature"): hostile}
    client.post("/settings/brands/new", {"name": "Shop", "colour": "#112233", **kind})
    client.post("/profile", {"name": "Boss", "language": "en", "time_zone": "UTC", **kind})
    client.post(
        "/settings/canned-replies/new", {"name": "Hi", "shortcut": "hi", field.format("text"): hostile}
    )
    boss.refresh_from_db()
    stored = (Brand.objects.get().signature_html, boss.signature_html, CannedReply.objects.get().html)
    expected = "<p><b>Shop</b></p>" if scripts else f"<p>{escape(hostile, quote=False)}</p>"
    for html in stored:
        assert html == expected
