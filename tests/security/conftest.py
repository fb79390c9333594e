"""The company that is attacked, and what every attack needs."""

import pytest

from tests import world
from tests.world import World


@pytest.fixture
def company(db: None) -> World:
    return world.build()
