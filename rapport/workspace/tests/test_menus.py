"""What a menu offers comes when it is opened, and is a page of its own without scripts."""

import pytest
from django.test import Client

from rapport.conversations.models import Conversation
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from rapport.workspace.views.menus import MENUS
from tests import world

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def client(company: world.World) -> Client:
    return signed_in(company.agent(Role.REPRESENTATIVE))


@pytest.mark.parametrize("which", sorted(MENUS))
def test_every_menu_of_the_header_can_be_opened(
    client: Client, conversation: Conversation, which: str
) -> None:
    address = f"/conversations/{conversation.number}/menus/{which}"
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert f'data-source="{address}"' in page
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


def test_colleagues_can_be_mentioned(client: Client, company: world.World) -> None:
    names = [each["name"] for each in client.get("/colleagues").json()["colleagues"]]
    assert company.agent(Role.COLLABORATOR).name in names


def test_the_menu_under_ones_name_holds_the_way_out(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'data-source="/menus/account"' in page
    menu = client.get("/menus/account", headers=SCRIPT).content.decode()
    assert 'action="/accounts/logout/"' in menu
    assert "<html" not in menu
    assert "<html" in client.get("/menus/account").content.decode()
