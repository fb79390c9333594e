import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.db import connection
from django.test import Client

from rapport.staff.actions.two_factor_off import two_factor_off
from rapport.staff.authority import NotAllowed, Refused
from rapport.staff.models import Agent, AuditEntry
from rapport.staff.roles import Role
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


def test_new_recovery_codes_were_not_audited(switched_on, client):
    agent, _, _ = switched_on
    made = AuditEntry.objects.filter(kind="account.recovery_codes_made", actor_id=agent.pk)
    assert made.count() == 1
    client.post("/accounts/2fa/recovery-codes/generate/")
    assert made.count() == 2


def test_nobody_could_help_who_lost_phone_and_codes(switched_on, client):
    agent, _, _ = switched_on
    boss = person("Boss Adler", Role.MANAGER, password=None)
    two_factor_off(actor=boss, agent=agent)
    assert not Authenticator.objects.exists()
    assert client.get("/profile").status_code == 302
    assert sign_in(client, agent).url != "/accounts/2fa/authenticate/"
    entry = AuditEntry.objects.get(kind="account.two_factor_off")
    assert (entry.actor_id, entry.subject_id) == (boss.pk, agent.pk)
    (message,) = mail.outbox
    assert message.to == [agent.account.email]
    assert "Boss Adler switched your two-factor sign-in to Rapport off" in message.body


def test_only_who_manages_the_person_switches_it_off(switched_on):
    agent, _, _ = switched_on
    for helper in (person("Lea Lamm", Role.TEAM_LEAD, password=None), agent):
        with pytest.raises(NotAllowed):
            two_factor_off(actor=helper, agent=agent)
    Agent.objects.update(role=Role.ADMINISTRATOR)
    agent.refresh_from_db()
    with pytest.raises(NotAllowed):
        two_factor_off(actor=person("Mika Sorel", Role.MANAGER, password=None), agent=agent)
    with pytest.raises(Refused, match="own"):
        two_factor_off(actor=agent, agent=agent)
    assert Authenticator.objects.filter(type="totp").exists()


def test_it_is_refused_where_there_is_none():
    with pytest.raises(Refused, match="not switched on"):
        two_factor_off(actor=None, agent=person())
    assert mail.outbox == []
