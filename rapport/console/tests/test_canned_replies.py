"""Canned replies are made, changed and archived."""

import re

import pytest

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.canned_replies.models import CannedReply
from rapport.staff.actions.brands import create_brand

pytestmark = pytest.mark.django_db


def test_a_canned_reply_needs_words(client, boss):
    empty = {"name": "Hi", "shortcut": "hi", "text-html": "<p><br></p>"}
    answer = client.post("/settings/canned-replies/new", empty)
    assert answer.status_code == 422
    assert not CannedReply.objects.exists()


def test_a_misspelt_variable_went_raw_to_the_customer(client, boss):
    given = {"name": "Hi", "shortcut": "hi", "text-html": "<div>Hello {customer.nam} {unclosed</div>"}
    answer = client.post("/settings/canned-replies/new", given)
    assert (answer.status_code, "{customer.nam} is none of" in answer.content.decode()) == (422, True)
    good = given | {"text-html": "<div>{customer.name}: {&quot;a&quot;: 1} { }</div>"}
    assert client.post("/settings/canned-replies/new", good).status_code == 302
    brand = create_brand(actor=boss, name="Shop")
    given = {"name": "Shop", "colour": "#445566", "signature-html": "<div>{nonsense}</div>"}
    answer = client.post(f"/settings/brands/{brand.pk}", given)
    assert (answer.status_code, "{nonsense} is no variable" in answer.content.decode()) == (422, True)


def test_the_last_of_two_tabs_overwrote_a_colleagues_canned_reply(client, boss):
    reply = create_canned_reply(actor=boss, wording=Wording(name="Hi", shortcut="hi", html="<p>One</p>"))
    address, token = f"/settings/canned-replies/{reply.pk}", r'name="seen" value="(\w+)"'
    first = re.search(token, client.get(address).content.decode())[1]

    def save(text: str, seen: str):
        given = {"name": "Hi", "shortcut": "hi", "text-html": f"<p>{text}</p>", "seen": seen}
        return client.post(address, given)

    assert save("Two", first).status_code == 302
    refused = save("Three", first)
    assert (refused.status_code, "It now says: Two" in refused.content.decode()) == (422, True)
    again = re.search(token, refused.content.decode())[1]
    assert save("Three", again).status_code == 302
    reply.refresh_from_db()
    assert "Three" in reply.html


def test_canned_replies_are_made_and_archived(client, boss):
    client.post(
        "/settings/canned-replies/new", {"name": "Hello", "shortcut": "/Hi", "text": "Hello {customer.name}"}
    )
    reply = CannedReply.objects.get()
    assert reply.shortcut == "hi"
    assert "{customer.name}" in client.get(f"/settings/canned-replies/{reply.pk}").content.decode()
    client.post(f"/settings/canned-replies/{reply.pk}/archive")
    reply.refresh_from_db()
    assert reply.archived


def test_a_shortcut_is_taken_once(client, boss):
    create_canned_reply(actor=boss, wording=Wording(name="A", shortcut="hi", html="<p>x</p>"))
    answer = client.post("/settings/canned-replies/new", {"name": "B", "shortcut": "hi", "text": "y"})
    assert answer.status_code == 422


def test_the_list_of_canned_replies_said_nothing_of_their_texts(client, boss):
    create_brand(actor=boss, name="Velo Nord")
    text = "<p>Dear {customer.first_name},</p><p>#{conversation.number} at {brand.name}. {agent.name}</p>"
    create_canned_reply(actor=boss, wording=Wording(name="Hi", shortcut="hi", html=text, language="fr"))
    page = client.get("/settings/canned-replies").content.decode()
    assert "Dear Robin, #10423 at Velo Nord. Boss Adler" in page
    assert "French" in page


def test_a_canned_reply_could_not_be_in_a_language_that_the_screens_lack(client, boss):
    given = {"name": "Salut", "shortcut": "salut", "text": "Bonjour", "language": "fr"}
    assert client.post("/settings/canned-replies/new", given).status_code == 302
    assert CannedReply.objects.get().language == "fr"
