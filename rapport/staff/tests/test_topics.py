"""Which live topics move somebody's screens."""

import pytest

from rapport.kernel.live.app import MOST_TOPICS
from rapport.staff.models import Team
from rapport.staff.queries.topics import topics_of
from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


def test_the_stream_refused_whoever_follows_very_many_teams() -> None:
    Team.objects.bulk_create([Team(name=f"Team {number:03}") for number in range(MOST_TOPICS)])
    last = Team.objects.order_by("name").last()
    assert last is not None
    agent = person(role=Role.ADMINISTRATOR, team_ids=[last.pk])
    found = topics_of(agent)
    assert len(found) < MOST_TOPICS
    assert found[:2] == [f"agent:{agent.pk}", f"team:{last.pk}"]


def test_one_follows_the_teams_of_ones_reach() -> None:
    own, other = (Team.objects.create(name=name) for name in ("Own", "Other"))
    agent, boss = person(team_ids=[own.pk]), person("Boss Adler", Role.ADMINISTRATOR)
    guest = person("Gil Gast", Role.COLLABORATOR)
    assert topics_of(agent) == [f"agent:{agent.pk}", f"team:{own.pk}"]
    assert topics_of(boss) == [f"agent:{boss.pk}", f"team:{other.pk}", f"team:{own.pk}"]
    assert topics_of(guest) == [f"agent:{guest.pk}"]
