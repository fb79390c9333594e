"""A mail that reached the inboxes of two teams and brands: who finds it can open it, and nobody else can."""

import pytest
from django.test import Client

from rapport.conversations.models import Conversation
from rapport.conversations.queries.access import conversations_for
from rapport.conversations.queries.find import find
from rapport.conversations.queries.lists import View, counts, page
from rapport.conversations.searching import index_message
from rapport.kernel.search.language import parse
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import World

pytestmark = pytest.mark.django_db
ROLES = [Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD]
GROUPS = ["teams", "brands"]


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    both = world.mail(to="support@velonord.example, workshop@refit.example", text="Zephyr")
    found = world.conversation_of(world.receive(company.inbox, both))
    world.receive(company.other_inbox, both)
    index_message(found.messages.get().pk)
    return found


def of_the_second_inbox(company: World, role: Role, group: str) -> Agent:
    agent = company.agent(role)
    agent.teams.set([company.other_team] if group == "teams" else [])
    agent.brands.set([company.other_brand] if group == "brands" else [])
    return company.agent(role)


def shown(agent: Agent, conversation: Conversation) -> set[str]:
    client = Client()
    client.force_login(agent.account)
    places = {
        "page": client.get(f"/conversations/{conversation.number}").status_code == 200,
        "all": bool(page(agent, View("all"))[0]),
        "unassigned": bool(page(agent, View("unassigned"))[0]),
        "counted": counts(agent, [View("all"), View("unassigned")]) == [1, 1],
        "search": bool(find(agent, parse("zephyr")).found),
        "queryset": list(conversations_for(agent)) == [conversation],
    }
    return {place for place, is_shown in places.items() if is_shown}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("role", ROLES)
def test_a_listed_conversation_of_a_second_inbox_could_not_be_opened(company, conversation, role, group):
    agent = of_the_second_inbox(company, role, group)
    reached = group == "teams" or role is not Role.REPRESENTATIVE
    everywhere = {"page", "all", "unassigned", "counted", "search", "queryset"}
    assert shown(agent, conversation) == (everywhere if reached else set())


@pytest.mark.parametrize("role", ROLES)
def test_whoever_has_neither_inbox_finds_nothing(company, conversation, role):
    agent = company.agent(role)
    agent.teams.clear()
    agent.brands.clear()
    assert shown(company.agent(role), conversation) == set()


def test_whoever_has_both_sees_it_once(company, conversation):
    agent = company.agent(Role.SPECIALIST)
    agent.teams.add(company.other_team)
    agent.brands.add(company.other_brand)
    agent = company.agent(Role.SPECIALIST)
    assert len(page(agent, View("all"))[0]) == 1
    assert list(conversations_for(agent)) == [conversation]
