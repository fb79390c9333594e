"""The page of a person: what is changed there, and who may."""

import pytest
from allauth.mfa.models import Authenticator

from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


def test_the_name_of_a_person_could_not_be_mended(client, boss):
    nora = person("Nora Flak")
    answer = client.post(f"/settings/people/{nora.pk}", {"name": "Nora Falk", "role": nora.role})
    nora.refresh_from_db()
    assert (answer.status_code, nora.name) == (302, "Nora Falk")
    assert client.post(f"/settings/people/{nora.pk}", {"name": " ", "role": nora.role}).status_code == 422
    nora.refresh_from_db()
    assert nora.name == "Nora Falk"


def test_rights_change_on_the_page_of_a_person(client, boss):
    agent = person()
    answer = client.post(f"/settings/people/{agent.pk}", {"name": agent.name, "role": "manager"})
    assert answer.status_code == 302
    agent.refresh_from_db()
    assert agent.role == "manager"
    assert "<del>Representative</del>" in client.get("/settings/audit").content.decode()


def test_a_manager_is_offered_no_administrator(client):
    manager = person("Mika Sorel", Role.MANAGER, password=None)
    client.force_login(manager.account)
    agent = person(password=None)
    assert 'value="administrator"' not in client.get(f"/settings/people/{agent.pk}").content.decode()
    assert client.post(f"/settings/people/{agent.pk}", {"role": "administrator"}).status_code == 422
    agent.refresh_from_db()
    assert agent.role == "representative"


def test_disable_and_enable(client, boss):
    agent = person(password=None)
    client.post(f"/settings/people/{agent.pk}/disable")
    agent.refresh_from_db()
    assert not agent.active
    client.post(f"/settings/people/{agent.pk}/enable")
    agent.refresh_from_db()
    assert agent.active


def test_a_refused_role_left_the_new_name_behind(client, boss):
    answer = client.post(f"/settings/people/{boss.pk}", {"name": "Other", "role": "representative"})
    assert answer.status_code == 422
    boss.refresh_from_db()
    assert (boss.name, boss.role) == ("Boss Adler", "administrator")


def test_two_factor_sign_in_is_switched_off_on_the_page_of_a_person(client, boss):
    agent = person()
    here = f"/settings/people/{agent.pk}"
    assert f"{here}/two-factor-off" not in client.get(here).content.decode()
    Authenticator.objects.create(user=agent.account, type=Authenticator.Type.TOTP, data={})
    assert f'href="{here}/two-factor-off"' in client.get(here).content.decode()
    assert "told by mail" in client.get(f"{here}/two-factor-off").content.decode()
    assert Authenticator.objects.exists()
    assert client.post(f"{here}/two-factor-off").url == here
    assert not Authenticator.objects.exists()


def test_a_manager_was_offered_what_only_administrators_may_do(client, boss):
    manager = person("Mika Sorel", Role.MANAGER, password=None)
    client.force_login(manager.account)
    page = client.get(f"/settings/people/{boss.pk}").content.decode()
    assert "Only an administrator changes" in page
    for act in ("invite", "sign-out", "disable", "two-factor-off"):
        assert f"/settings/people/{boss.pk}/{act}" not in page
    assert 'type="submit"' not in page[page.index("<main") : page.index("</main")]
    assert (
        f"/settings/people/{manager.pk}/disable"
        not in client.get(f"/settings/people/{manager.pk}").content.decode()
    )
