"""Connecting an inbox begins with the provider, and shows the fields of that one."""

import re

import pytest

from rapport.channels.email.actions.connect import connect
from rapport.channels.email.mail_hosts import GOOGLE, KNOWN, entered, hosts_of
from rapport.channels.email.models import EmailSettings
from rapport.console.forms.inboxes import ConnectForm
from rapport.console.mail_ways import WAYS, way_of
from rapport.console.tests.connections import connection
from rapport.inboxes.models import Inbox

pytestmark = pytest.mark.django_db


def value(page: str, name: str) -> str:
    """Return what a text field of the page holds."""
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert field is not None
    found = re.search(r'value="([^"]*)"', field[0])
    return found[1] if found else ""


def choice(page: str, name: str) -> str:
    """Return what is chosen in a field of the page."""
    field = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    assert field is not None
    found = re.search(r'<option value="([^"]*)" selected', field[0])
    return found[1] if found else ""


def chosen(client, inbox, way: str) -> str:
    answer = client.get(f"/settings/inboxes/{inbox.pk}/connection", {"way": way})
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def shown(page: str) -> str:
    """Return the page without what is folded."""
    return re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)


def test_a_new_inbox_began_with_thirty_fields_instead_of_one_question(client, company):
    page = client.get(f"/settings/inboxes/{company.inbox.pk}/provider").content.decode()
    for way in WAYS:
        assert f'href="/settings/inboxes/{company.inbox.pk}/connection?way={way.key}"' in page
    assert "Fits the address" not in page
    assert 'name="imap_port"' not in page


@pytest.mark.parametrize(
    ("address", "first"),
    [("shop@gmail.com", "google"), ("shop@Outlook.de", "microsoft"), ("shop@gmx.de", "server")],
)
def test_the_provider_that_an_address_tells_stands_first(client, company, address, first):
    Inbox.objects.filter(pk=company.inbox.pk).update(address=address)
    page = client.get(f"/settings/inboxes/{company.inbox.pk}/provider").content.decode()
    offered = re.findall(r"\?way=(\w+)", page)
    assert (offered[0], page.count("Fits the address")) == (first, 1)


@pytest.mark.parametrize(
    ("way", "visible", "folded"),
    [
        ("google", "oauth_client_id", "imap_host"),
        ("microsoft", "oauth_tenant", "smtp_host"),
        ("server", "imap_host", "imap_port"),
        ("service", "webhook_provider", "imap_host"),
        ("own", "smtp_host", "imap_host"),
    ],
)
def test_what_a_provider_does_not_need_is_folded_and_sent_all_the_same(client, company, way, visible, folded):
    page = chosen(client, company.inbox, way)
    assert f'name="{visible}"' in shown(page)
    assert f'name="{folded}"' not in shown(page)
    for name in ConnectForm.base_fields:
        assert page.count(f'name="{name}"') == 1


@pytest.mark.parametrize(
    ("way", "ways"),
    [
        ("google", ("imap", "smtp", "google")),
        ("microsoft", ("imap", "smtp", "microsoft")),
        ("server", ("imap", "smtp", "")),
        ("service", ("webhook", "provider", "")),
        ("own", ("server", "smtp", "")),
    ],
)
def test_a_chosen_provider_was_still_to_be_chosen_in_every_field(client, company, way, ways):
    page = chosen(client, company.inbox, way)
    assert tuple(choice(page, name) for name in ("incoming", "outgoing", "oauth_provider")) == ways


def test_the_servers_of_a_known_address_had_to_be_looked_up(client, company):
    Inbox.objects.filter(pk=company.inbox.pk).update(address="laden@web.de")
    page = chosen(client, company.inbox, "server")
    named = [value(page, name) for name in ("imap_host", "imap_user", "smtp_host", "smtp_port", "smtp_user")]
    assert named == ["imap.web.de", "laden", "smtp.web.de", "465", "laden"]


def test_of_an_unknown_address_only_the_user_name_is_filled_in(client, company):
    page = chosen(client, company.inbox, "server")
    assert (value(page, "imap_host"), value(page, "imap_user")) == ("", company.inbox.address)


def test_a_connected_inbox_keeps_what_was_entered(client, company):
    connect(actor=None, inbox=company.inbox, values={"incoming": "imap", "imap_host": "mail.shop.example"})
    for page in (chosen(client, company.inbox, "server"), chosen(client, company.inbox, "")):
        assert value(page, "imap_host") == "mail.shop.example"
        assert 'name="imap_port"' not in shown(page)
    assert value(chosen(client, company.inbox, "google"), "imap_host") == "imap.gmail.com"
    assert EmailSettings.objects.get().imap_host == "mail.shop.example"


@pytest.mark.parametrize("way", ["server", "own"])
def test_another_mailbox_than_googles_was_still_reached_at_google(client, company, way):
    google = {"incoming": "imap", "outgoing": "smtp", **entered(GOOGLE, company.inbox.address)}
    connect(actor=None, inbox=company.inbox, values=google)
    page = chosen(client, company.inbox, way)
    hosts = (value(page, "imap_host"), value(page, "smtp_host"))
    assert (*hosts, choice(page, "oauth_provider")) == ("", "", "")


def test_a_refused_field_that_is_folded_is_unfolded(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection?way=server"
    refused = client.post(address, connection(imap_port="0"))
    assert refused.status_code == 422
    assert re.search(r"<details[^>]* open", refused.content.decode())
    assert f'action="{address}#connection-result"' in refused.content.decode()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.key)
def test_a_provider_is_known_again_once_it_is_saved(company, way):
    settings = EmailSettings(inbox=company.inbox, **way.filled("shop@shop.example", EmailSettings()))
    assert way_of(settings) == way


def test_where_nothing_or_a_mixture_is_set_everything_is_shown(client, company):
    assert way_of(EmailSettings()) is None
    connect(actor=None, inbox=company.inbox, values={"incoming": "imap", "outgoing": "provider"})
    assert 'name="imap_port"' in shown(chosen(client, company.inbox, ""))


@pytest.mark.parametrize(
    "address", ["", "@", "x", "x@shop.example", "x@notgmail.com", "x@gmail.com.evil.example"]
)
def test_nothing_is_filled_in_where_the_address_does_not_tell(address):
    assert hosts_of(address) is None


def test_known_providers_are_reached_under_cover():
    assert {hosts.smtp_security for hosts in KNOWN.values()} <= {"tls", "starttls"}
