"""Whoever may change every setting, signed in."""

import pytest

from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.staff.tests.people import person
from tests import world
from tests.world import World


@pytest.fixture
def boss(client) -> Agent:
    agent = person("Boss Adler", Role.ADMINISTRATOR, password=None)
    client.force_login(agent.account)
    return agent


@pytest.fixture
def company(client) -> World:
    made = world.build()
    client.force_login(made.agent(Role.ADMINISTRATOR).account)
    return made
