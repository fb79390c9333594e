"""Inviting somebody: to which place, and by which way the link reaches them."""

import html
import re
from dataclasses import replace

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client

from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.teams import create_team
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db
NORA = {"name": "Nora Falk", "address": "nora@shop.example", "role": "specialist", "language": "en"}


@pytest.fixture
def mail_server(settings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url="smtp://mail.shop.example:587")


def test_somebody_is_invited_and_gets_a_place(client, boss, mail_server):
    team, brand = create_team(actor=boss, name="Returns"), create_brand(actor=boss, name="Shop")
    answer = client.post(
        "/settings/people/new",
        {
            "name": "Nora Falk",
            "address": "Nora@Shop.Example",
            "role": "specialist",
            "teams": [team.pk],
            "brands": [brand.pk],
            "language": "de",
        },
    )
    assert answer.status_code == 302
    nora = Agent.objects.get(name="Nora Falk")
    assert (nora.account.email, nora.role, nora.team_ids(), nora.brand_ids()) == (
        "nora@shop.example",
        "specialist",
        {team.pk},
        {brand.pk},
    )
    assert mail.outbox[0].to == ["nora@shop.example"]
    page = client.get("/settings/people").content.decode()
    assert "Nora Falk" in page


def test_the_teams_that_the_usual_role_needs_were_called_optional(client, boss):
    create_team(actor=boss, name="Returns")
    page = client.get("/settings/people/new").content.decode()
    teams, brands = page[page.index("<legend") :].partition("Brands")[::2]
    assert "optional" not in teams
    assert "only the conversations of their teams" in html.unescape(teams)
    assert "optional" in brands


def shown_link(answer) -> str | None:
    found = re.search(r'value="https?://[^/"]+(/invitation/[^"]+)"', answer.content.decode())
    return found[1] if found else None


def test_an_invitation_that_no_mail_can_bring_is_shown_and_not_said_to_be_on_its_way(client, boss):
    answer = client.post("/settings/people/new", NORA)
    assert answer.status_code == 200
    assert "on its way" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    first = shown_link(answer)
    nora = Agent.objects.get(name="Nora Falk")
    again = client.post(f"/settings/people/{nora.pk}/invite")
    second = shown_link(again)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200
    assert Client().post(second, {"password": "a brand new secret 1"}).status_code == 302
    assert shown_link(client.get("/settings/people")) is None


def test_the_link_to_an_account_in_use_is_never_shown(client, boss):
    nora = person("Nora Falk", Role.SPECIALIST)
    answer = client.post(f"/settings/people/{nora.pk}/invite")
    assert answer.status_code == 302
    assert "No mail can be sent" in str(next(iter(get_messages(answer.wsgi_request))))
    assert shown_link(client.get(answer.url)) is None


def test_somebody_was_invited_to_an_empty_desk(client, boss):
    team, brand = create_team(actor=boss, name="Returns"), create_brand(actor=boss, name="Shop")

    def invited(role: str, **place: object) -> bool:
        address = f"{role}-{len(place)}@shop.example"
        given = NORA | {"role": role, "address": address} | place
        answer = client.post("/settings/people/new", given)
        assert ("Choose a team" in answer.content.decode()) is (answer.status_code == 422)
        return bool(answer.status_code == 200)

    assert not invited("representative")
    assert not invited("representative", brands=[brand.pk])
    assert invited("representative", teams=[team.pk])
    assert not invited("specialist")
    assert invited("specialist", brands=[brand.pk])
    assert invited("manager")
    assert invited("collaborator")


def test_no_link_is_shown_to_whoever_may_not_invite(client, boss):
    client.post("/settings/people/new", NORA)
    nora = Agent.objects.get(name="Nora Falk")
    other = Client()
    other.force_login(person("Lea Lamm", Role.TEAM_LEAD, password=None).account)
    answer = other.post(f"/settings/people/{nora.pk}/invite")
    assert answer.status_code == 403
    assert shown_link(answer) is None


def test_with_a_mail_server_an_invitation_goes_by_mail_alone(client, boss, mail_server):
    answer = client.post("/settings/people/new", NORA)
    assert answer.status_code == 302
    assert shown_link(client.get(answer.url)) is None


def test_errors_stand_beside_their_field(client, boss):
    answer = client.post(
        "/settings/people/new",
        {"name": "Nora", "address": boss.account.email, "role": "specialist", "language": "en"},
    )
    assert answer.status_code == 422
    assert "already has this address" in answer.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize("field", ["name", "address", "role", "teams", "brands", "language"])
@pytest.mark.parametrize("value", ["\x00", "<script>alert(1)</script>", "9" * 400, "{{ 7*7 }}", "\ud800"])
def test_any_value_is_an_answer(client, boss, mail_server, field, value):
    values = {"name": "Nora", "address": "nora@shop.example", "role": "manager", "language": "en"}
    data = "&".join(f"{key}={each}" for key, each in (values | {field: value}).items())
    answer = client.post(
        "/settings/people/new",
        data.encode("utf-8", "surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code in {302, 422}
    assert b"<script>alert(1)" not in client.get("/settings/people").content
