import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import connection
from django.test import Client

from rapport.staff.models import AuditEntry
from rapport.staff.tests.people import PASSWORD, person

pytestmark = pytest.mark.django_db


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client: Client, agent):
    return client.post("/accounts/login/", {"login": agent.account.email, "password": PASSWORD})


@pytest.fixture
def switched_on(client):
    """An agent who switched two-factor on by the pages, with the secret and the recovery codes."""
    agent = person()
    sign_in(client, agent)
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"\b[A-Z2-7]{32}\b", page)[0]
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    codes = re.findall(r"\b\d{8}\b", client.get("/accounts/2fa/recovery-codes/").content.decode())
    assert answer.status_code == 200
    return agent, secret, codes


def test_it_is_switched_on_by_the_pages_and_audited(switched_on):
    agent, _, codes = switched_on
    assert len(set(codes)) == 10
    assert AuditEntry.objects.filter(kind="account.two_factor_on", actor_id=agent.pk).count() == 1


def test_the_secret_stands_encrypted(switched_on):
    _, secret, _ = switched_on
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT data FROM {Authenticator._meta.db_table}")
        stored = str(cursor.fetchall())
    assert secret not in stored
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_recovery_code_opens_once(switched_on):
    agent, _, codes = switched_on
    for expected in (200, 302):
        client = Client()
        assert sign_in(client, agent).url == "/accounts/2fa/authenticate/"
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert client.get("/profile").status_code == expected


def test_guessing_codes_is_slowed_down(switched_on):
    agent, secret, _ = switched_on
    client = Client()
    sign_in(client, agent)
    for guess in range(10):
        client.post("/accounts/2fa/authenticate/", {"code": f"{guess:06d}"})
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/profile").status_code == 302


def test_switching_off_is_audited(switched_on, client):
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(type="totp").exists()
    assert AuditEntry.objects.filter(kind="account.two_factor_off").count() == 1
