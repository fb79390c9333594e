"""Connecting a mailbox with a provider that is a server of its own here."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.tests.service_api import Api, service_api
from rapport.console.tests.connections import connection
from rapport.staff.models import AuditEntry, AuditWords
from rapport.staff.roles import Role
from tests import world

pytestmark = pytest.mark.django_db
BACK = "/settings/mailbox-sign-in"


@pytest.fixture
def company(client):
    made = world.build()
    client.force_login(made.agent(Role.ADMINISTRATOR).account)
    return made


@pytest.fixture
def provider() -> Iterator[Api]:
    with service_api() as api:
        tokens = {"access_token": "access-canary", "expires_in": 3600, "refresh_token": "refresh-canary"}
        api.answers["/token"] = (200, json.dumps(tokens).encode())
        yield api


def known_at(provider: Api, inbox, **more: str) -> EmailSettings:
    values = {
        "oauth_provider": "microsoft",
        "oauth_client_id": "app-1",
        "oauth_client_secret": "secret-canary",
        "oauth_token_url": f"{provider.url}/token",
        "imap_user": "support@velonord.example",
        **more,
    }
    return EmailSettings.objects.create(inbox=inbox, **values)


def begin(client, inbox) -> tuple[str, dict[str, str]]:
    answer = client.get(f"/settings/inboxes/{inbox.pk}/sign-in")
    assert answer.status_code == 302
    address, _, query = answer.url.partition("?")
    return address, dict(parse_qsl(query))


def come_back(client, **query: str) -> str:
    answer = client.get(BACK, query, follow=True)
    return str(answer.content.decode())


def test_consent_leads_to_tokens_that_are_kept_and_never_shown(client, company, provider):
    known_at(provider, company.inbox, oauth_tenant="velonord.example")
    address, asked = begin(client, company.inbox)
    assert address == "https://login.microsoftonline.com/velonord.example/oauth2/v2.0/authorize"
    assert (asked["client_id"], asked["response_type"]) == ("app-1", "code")
    assert asked["redirect_uri"].endswith(BACK)
    assert asked["login_hint"] == "support@velonord.example"
    page = come_back(client, code="c0de", state=asked["state"])
    assert "The mailbox is connected" in page
    [exchange] = provider.asked
    form = {name: value for name, [value] in parse_qs(exchange.body.decode()).items()}
    assert (form["grant_type"], form["code"], form["client_secret"]) == (
        "authorization_code",
        "c0de",
        "secret-canary",
    )
    assert form["redirect_uri"] == asked["redirect_uri"]
    proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (proof.decode(), "S256")
    settings = EmailSettings.objects.get()
    assert (settings.oauth_access_token, settings.oauth_refresh_token) == ("access-canary", "refresh-canary")
    assert "canary" not in page
    assert "canary" not in str(list(AuditWords.objects.values()))
    assert AuditEntry.objects.filter(kind="inbox.connected").count() == 1


def test_an_answer_counts_once_and_for_the_session_that_asked(client, company, provider):
    known_at(provider, company.inbox)
    address, asked = begin(client, company.inbox)
    assert "/common/" in address
    assert "belongs to no sign-in" in come_back(client, code="c", state="guessed")
    assert "belongs to no sign-in" in come_back(client, code="c", state=asked["state"])
    _, asked = begin(client, company.inbox)
    other = type(client)()
    other.force_login(company.agent(Role.ADMINISTRATOR).account)
    assert "belongs to no sign-in" in come_back(other, code="c", state=asked["state"])
    assert provider.asked == []
    come_back(client, code="c", state=asked["state"])
    assert "belongs to no sign-in" in come_back(client, code="c", state=asked["state"])
    assert len(provider.asked) == 1


def test_an_old_sign_in_must_begin_again(client, company, provider):
    known_at(provider, company.inbox)
    _, asked = begin(client, company.inbox)
    session = client.session
    state, verifier, pk, _ = session["mailbox_sign_in"]
    session["mailbox_sign_in"] = [state, verifier, pk, int(time.time()) - 3600]
    session.save()
    assert "belongs to no sign-in" in come_back(client, code="c", state=asked["state"])
    assert provider.asked == []


def test_a_refusal_is_said_and_changes_nothing(client, company, provider):
    known_at(provider, company.inbox)
    _, asked = begin(client, company.inbox)
    page = come_back(client, error="access_denied", error_description="Not <b>you</b>", state=asked["state"])
    assert "Access was not given: Not &lt;b&gt;you" in page
    refused = {"error": "invalid_grant", "error_description": "The code is old."}
    provider.answers["/token"] = (400, json.dumps(refused).encode())
    _, asked = begin(client, company.inbox)
    assert "refuses access: The code is old. Connect" in come_back(client, code="c", state=asked["state"])
    provider.answers["/token"] = (200, b'{"access_token": "a", "expires_in": 3600}')
    _, asked = begin(client, company.inbox)
    assert "for an hour only" in come_back(client, code="c", state=asked["state"])
    assert EmailSettings.objects.get().oauth_access_token == ""


def test_google_is_asked_for_lasting_access(client, company, provider):
    known_at(provider, company.inbox, oauth_provider="google", imap_user="")
    address, asked = begin(client, company.inbox)
    assert urlsplit(address).hostname == "accounts.google.com"
    assert (asked["access_type"], asked["scope"]) == ("offline", "https://mail.google.com/")
    assert asked["login_hint"] == company.inbox.address


def test_the_page_says_what_is_needed_before_a_sign_in(client, company):
    page = client.get(f"/settings/inboxes/{company.inbox.pk}/connection").content.decode()
    assert "needs to be known at Google or Microsoft" in page
    assert BACK in page
    answer = client.get(f"/settings/inboxes/{company.inbox.pk}/sign-in", follow=True)
    assert "save the client ID first" in answer.content.decode()


@pytest.mark.parametrize(
    ("tenant", "status"), [("a/b", 422), ("../x", 422), ("a b", 422), ("velo.example", 200)]
)
def test_a_tenant_is_one_word(tenant, status, client, company):
    form = connection(oauth_provider="microsoft", oauth_tenant=tenant)
    assert client.post(f"/settings/inboxes/{company.inbox.pk}/connection", form).status_code == status
    assert EmailSettings.objects.filter(oauth_tenant=tenant).exists() is (status == 200)
