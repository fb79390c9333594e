"""What a menu offers comes when it is opened, and is a page of its own without scripts."""

from datetime import UTC, datetime, timedelta

import lxml.html
import pytest
from django.test import Client

from rapport.conversations.models import Conversation, Tag
from rapport.kernel.clock import travel
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from rapport.workspace.views.menus import MENUS
from tests import world

pytestmark = pytest.mark.django_db
MONDAY = datetime(2025, 11, 17, 10, 30, tzinfo=UTC)


@pytest.fixture
def client(company: world.World) -> Client:
    return signed_in(company.agent(Role.REPRESENTATIVE))


@pytest.mark.parametrize("which", sorted(MENUS))
def test_every_menu_of_the_header_can_be_opened(
    client: Client, conversation: Conversation, which: str
) -> None:
    address = f"/conversations/{conversation.number}/menus/{which}"
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert f'data-source href="{address}"' in page
    menu = client.get(address, headers=SCRIPT).content.decode()
    assert f"/conversations/{conversation.number}/" in menu
    assert "<html" not in menu
    assert "<html" in client.get(address).content.decode()


def test_the_menu_offers_colleagues_and_teams(
    client: Client, company: world.World, conversation: Conversation
) -> None:
    menu = client.get(f"/conversations/{conversation.number}/menus/assign", headers=SCRIPT).content.decode()
    assert company.agent(Role.TEAM_LEAD).name in menu
    assert company.team.name in menu
    assert company.agent(Role.COLLABORATOR).name not in menu


def test_there_is_no_other_menu(client: Client, conversation: Conversation) -> None:
    assert client.get(f"/conversations/{conversation.number}/menus/secrets").status_code == 404


@pytest.mark.parametrize(("which", "field"), [("snooze", "until_at"), ("tags", "add_new")])
def test_enter_in_a_field_of_a_menu_pressed_its_first_entry(
    client: Client, conversation: Conversation, which: str, field: str
) -> None:
    Tag.objects.create(name="refund")
    menu = client.get(f"/conversations/{conversation.number}/menus/{which}", headers=SCRIPT).content.decode()
    form = lxml.html.fromstring(menu).xpath(f"//form[.//input[@name='{field}']]")[0]
    assert form.xpath(".//button[@name]") == []


@pytest.mark.parametrize(
    ("language", "zone", "shown"),
    [
        ("en", "UTC", ["13:30", "Tue 18 Nov, 08:00", "Mon 24 Nov, 08:00"]),
        ("de", "Europe/Berlin", ["14:30", "Di 18. Nov, 08:00", "Mo 24. Nov, 08:00"]),
        ("en", "Pacific/Auckland", ["Tue 18 Nov, 02:30", "Tue 18 Nov, 08:00", "Mon 24 Nov, 08:00"]),
    ],
)
def test_a_snooze_did_not_say_when_it_ends(
    company: world.World, conversation: Conversation, language: str, zone: str, shown: list[str]
) -> None:
    agent = company.agent()
    agent.language, agent.time_zone = language, zone
    agent.save()
    with travel(MONDAY):
        menu = signed_in(agent).get(f"/conversations/{conversation.number}/menus/snooze", headers=SCRIPT)
    assert lxml.html.fromstring(menu.content).xpath("//small/text()") == shown


def test_tomorrow_was_another_day_when_it_was_chosen_after_midnight(
    client: Client, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    with travel(MONDAY):
        menu = lxml.html.fromstring(client.get(f"{here}/menus/snooze", headers=SCRIPT).content)
    with travel(MONDAY + timedelta(hours=20)):
        client.post(f"{here}/snooze", {"until": menu.xpath("//button/@value")[1]}, headers=SCRIPT)
    assert Conversation.objects.get().snoozed_until == datetime(2025, 11, 18, 8, tzinfo=UTC)


def test_colleagues_can_be_mentioned(client: Client, company: world.World) -> None:
    names = [each["name"] for each in client.get("/colleagues").json()["colleagues"]]
    assert company.agent(Role.COLLABORATOR).name in names


def test_the_menu_under_ones_name_holds_the_way_out(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'data-source href="/menus/account"' in page
    menu = client.get("/menus/account", headers=SCRIPT).content.decode()
    assert 'action="/accounts/logout/"' in menu
    assert "<html" not in menu
    assert "<html" in client.get("/menus/account").content.decode()
