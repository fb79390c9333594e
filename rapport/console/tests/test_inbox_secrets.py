"""Passwords and keys of an inbox: stored unseen, and given to nobody but whom they were entered for."""

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.console.tests.connections import SECRET, connection
from rapport.staff.models import AuditEntry, AuditWords

pytestmark = pytest.mark.django_db


def test_a_secret_is_kept_encrypted_and_never_shown(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    assert client.post(address, connection()).status_code == 200
    settings = EmailSettings.objects.get()
    assert (settings.imap_secret, settings.imap_folders) == (SECRET, ["INBOX", "Orders"])
    assert SECRET not in client.get(address).content.decode()
    assert SECRET not in str(list(AuditWords.objects.values()))
    assert SECRET not in client.get("/settings/audit").content.decode()
    client.post(address, connection(imap_secret="", imap_folders="INBOX"))
    settings.refresh_from_db()
    assert (settings.imap_secret, settings.imap_folders) == (SECRET, ["INBOX"])
    assert list(AuditEntry.objects.values_list("kind", flat=True)) == ["inbox.connected", "inbox.connected"]


@pytest.mark.parametrize(
    "changes",
    [
        {"imap_host": "127.0.0.2"},
        {"imap_port": "2"},
        {"imap_user": "other"},
        {"imap_security": "none"},
        {"smtp_host": "127.0.0.2"},
        {"smtp_port": "2"},
        {"smtp_user": "other"},
        {"smtp_security": "starttls"},
    ],
    ids=str,
)
def test_another_server_got_the_password_that_was_stored(client, company, changes):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    ways = {"imap_security": "tls", "smtp_security": "tls", "smtp_user": "support"}
    client.post(address, connection(**ways, smtp_secret=SECRET))
    before = EmailSettings.objects.get()
    secret = f"{next(iter(changes)).partition('_')[0]}_secret"
    answer = client.post(address, connection(**{**ways, "imap_secret": "", **changes}, test="1"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert (
        "Enter this again"
        in page[page.index(f'id="id_{secret}"') - 900 : page.index(f'id="id_{secret}"') + 900]
    )
    assert EmailSettings.objects.get().changed_at == before.changed_at
    again = connection(**{**ways, "imap_secret": "", **changes, secret: "entered again"})
    assert client.post(address, again).status_code == 200
    assert getattr(EmailSettings.objects.get(), secret) == "entered again"


@pytest.mark.parametrize("options", ["", "api_url = https://elsewhere.example"])
def test_another_service_got_the_key_that_was_stored(client, company, options):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    service = {
        "outgoing": "provider",
        "provider": "postal",
        "provider_options": "api_url = https://postal.example",
    }
    assert client.post(address, connection(**service, provider_key=SECRET)).status_code == 200
    other = {**service, "provider_options": options} if options else {**service, "provider": "sparkpost"}
    answer = client.post(address, connection(**other))
    assert answer.status_code == 422
    assert "Enter this again" in answer.content.decode()


def test_a_password_that_is_of_no_use_any_more_waited_for_the_next_server(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    client.post(address, connection())
    moved = connection(incoming="server", imap_host="elsewhere", imap_secret="")
    assert client.post(address, moved).status_code == 200
    assert EmailSettings.objects.get().imap_secret == ""


def test_another_server_got_the_access_that_google_gave(client, company):
    address = f"/settings/inboxes/{company.inbox.pk}/connection"
    google = {"oauth_provider": "google", "oauth_client_id": "ours", "imap_secret": ""}
    client.post(address, connection(**google))
    EmailSettings.objects.update(oauth_refresh_token=SECRET, oauth_access_token=SECRET)
    client.post(address, connection(**google, imap_folders="INBOX"))
    assert EmailSettings.objects.get().oauth_refresh_token == SECRET
    assert client.post(address, connection(**google, imap_host="127.0.0.2")).status_code == 200
    settings = EmailSettings.objects.get()
    assert (settings.oauth_refresh_token, settings.oauth_access_token) == ("", "")
