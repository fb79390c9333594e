"""The company that these tests happen in."""

import pytest

from rapport.conversations.models import Conversation
from tests import world
from tests.world import World, conversation_of, mail, receive


@pytest.fixture
def company(db: None) -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    return conversation_of(receive(company.inbox, mail()))
