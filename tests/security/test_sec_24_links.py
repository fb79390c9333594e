"""SEC-24: an empty, short, old or used link opens nothing; an address that nobody proved gives no way in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from rapport.kernel import clock
from rapport.staff.actions.first_administrator import set_up_link
from rapport.staff.actions.invite import invite
from rapport.staff.models import Account, Agent, Invitation, SetUpLink
from rapport.staff.roles import Role
from tests.world import World

OLD, NEW = "the first secret 77", "a brand new secret 1"
MADE_UP = ["", "a", "0", "None", "null", "a" * 39, "a" * 40, "x" * 43, "*", "%", "%00", "é" * 43, "a" * 5_000]
ARRIVING = {
    "name": "Eve",
    "address": "eve@evil.example",
    "brand_name": "B",
    "team_name": "T",
    "password": NEW,
}
VICTIM = f"{Role.ADMINISTRATOR.value}@staff.example"


@pytest.fixture
def victim(company: World) -> Account:
    """The administrator, with a password of their own."""
    account = company.agent(Role.ADMINISTRATOR).account
    account.set_password(OLD)
    account.save()
    EmailAddress.objects.create(user=account, email=VICTIM, verified=True, primary=True)
    mail.outbox.clear()
    return account


def links(pattern: str) -> list[str]:
    """The paths of this kind in the mails that left."""
    return [
        path
        for each in mail.outbox
        for path in re.findall(rf"https?://[^/\s]+({pattern}\S*)", str(each.body))
    ]


def opens(password: str, address: str = VICTIM) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": address, "password": password})
    return client.get("/profile").status_code == 200


def set_by(path: str) -> Client:
    """Follow a reset link as a browser does and choose a new password."""
    client = Client(raise_request_exception=False)
    page = client.get(path, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    return client


def asked_for(address: str = VICTIM) -> list[str]:
    """Ask for a reset link and return those that were sent."""
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": address})
    return links("/accounts/password/reset/key/")


@pytest.mark.parametrize("token", MADE_UP)
def test_no_made_up_link_opens_anything(victim: Account, token: str) -> None:
    # What an empty token would meet if it were looked up: rows whose hash is empty.
    later = clock.now() + timedelta(days=1)
    Invitation.objects.create(account=victim, token_hash="", expires_at=later)
    SetUpLink.objects.create(token_hash="", expires_at=later)
    for path in (f"/invitation/{token}/", f"/set-up/{token}/", f"/accounts/password/reset/key/{token}/"):
        client = Client(raise_request_exception=False)
        for answer in (client.get(path), client.post(path, ARRIVING | {"password1": NEW, "password2": NEW})):
            assert answer.status_code in (200, 301, 302, 404, 405, 410), path
        assert client.get("/profile").status_code in (302, 403)
    assert opens(OLD)
    assert not opens(NEW)
    assert not Agent.objects.filter(name="Eve").exists()


@pytest.mark.parametrize("end", ["used", "expired", "voided"])
def test_an_invitation_that_ended_lets_nobody_in(victim: Account, end: str) -> None:
    agent = Agent.objects.get(account=victim)
    path = "/invitation/" + invite(actor=None, agent=agent).rstrip("/").rpartition("/")[2] + "/"
    if end == "used":
        Client().post(path, {"password": OLD})
    elif end == "voided":
        invite(actor=None, agent=agent)
    with clock.travel(clock.now() + timedelta(days=8 if end == "expired" else 0)):
        client = Client()
        assert client.get(path).status_code == 410
        assert client.post(path, {"password": NEW}).status_code == 410
    assert client.get("/profile").status_code == 302
    assert not opens(NEW)


@pytest.mark.django_db
def test_a_set_up_link_that_ended_makes_no_administrator() -> None:
    path = "/set-up/" + str(set_up_link()).rstrip("/").rpartition("/")[2] + "/"
    with clock.travel(clock.now() + timedelta(days=30)):
        assert Client().post(path, ARRIVING).status_code == 410
    assert not Agent.objects.exists()


def test_a_reset_link_works_once(victim: Account) -> None:
    (path,) = asked_for()
    set_by(path)
    assert opens(NEW)
    victim.refresh_from_db()
    victim.set_password(OLD)
    victim.save()
    set_by(path)
    assert not opens(NEW)


def test_an_old_reset_link_works_no_more(victim: Account, settings: Any) -> None:
    (path,) = asked_for()
    settings.PASSWORD_RESET_TIMEOUT = -1
    set_by(path)
    assert opens(OLD)


@pytest.mark.parametrize("key", ["", "-", "set-password", "a", "0-0", "x" * 200])
def test_a_changed_reset_link_changes_nothing(victim: Account, key: str) -> None:
    (path,) = asked_for()
    uid = path.rstrip("/").rpartition("/")[2].partition("-")[0]
    set_by(f"/accounts/password/reset/key/{uid}-{key}/")
    assert opens(OLD)


def test_the_link_of_one_opens_no_other_account(victim: Account, company: World) -> None:
    own = company.agent(Role.COLLABORATOR).account
    own.set_password(OLD)
    own.save()
    EmailAddress.objects.create(user=own, email=own.email, verified=True, primary=True)
    (mine,), (theirs,) = asked_for(own.email), asked_for()
    uid = theirs.rstrip("/").rpartition("/")[2].partition("-")[0]
    set_by(f"/accounts/password/reset/key/{uid}-{mine.rstrip('/').rpartition('-')[2]}/")
    assert opens(OLD)


def test_nobody_writes_an_unproved_address_into_their_account(victim: Account, company: World) -> None:
    """No page of ours does, and those of the sign-in library are closed; so it signs nobody in."""
    own = company.agent(Role.COLLABORATOR).account
    own.set_password(NEW)
    own.save()
    client = Client(raise_request_exception=False)
    client.force_login(own)
    form = {"email": "boss@staff.example", "action_add": "", "address": "boss@staff.example", "name": "Boss"}
    for path in ("/accounts/email/", "/accounts/signup/", "/accounts/confirm-email/", "/profile"):
        client.post(path, form)
    assert client.get("/accounts/email/").status_code == 404
    assert not EmailAddress.objects.filter(email="boss@staff.example").exists()
    assert not opens(NEW, "boss@staff.example")
    assert asked_for("boss@staff.example") == []


def test_nobody_takes_an_address_that_is_somebodys(victim: Account, company: World) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(company.agent(Role.COLLABORATOR).account)
    for form in ({"email": VICTIM, "action_add": ""}, {"email": VICTIM, "action_primary": ""}):
        client.post("/accounts/email/", form)
    assert list(EmailAddress.objects.filter(email=VICTIM).values_list("user_id", flat=True)) == [victim.pk]
    assert Account.objects.get(email=VICTIM) == victim
    assert opens(OLD)
    assert not opens(NEW)
