"""A company with a conversation, as the tests of the screens need it."""

import pytest
from django.test import Client

from rapport.conversations.models import Conversation
from rapport.staff.models import Agent
from tests import world
from tests.world import World, conversation_of, mail, receive


@pytest.fixture
def company(db: None) -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    return conversation_of(receive(company.inbox, mail()))


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent.account)
    return client
