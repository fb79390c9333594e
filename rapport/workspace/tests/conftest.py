"""A company with a conversation, as the tests of the screens need it."""

import json
from typing import Any

import pytest
from django.test import Client

from rapport.conversations.models import Conversation
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, mail, receive

SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def company(db: None) -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    return conversation_of(receive(company.inbox, mail()))


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.ADMINISTRATOR))


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.account)
    return client


def events(answer: Any) -> dict[str, Any]:
    """Return what an answer lets happen on the screen: its body, or a header beside it."""
    told = answer["Content-Type"] == "application/json"
    found: dict[str, Any] = json.loads(answer.content if told else answer.get("HX-Trigger", "{}"))
    return found
