"""Every route that answers a page is visited by the tests of accessibility."""

from collections.abc import Iterator

import pytest
from django.test import Client

from rapport.demo.models import Built
from rapport.kernel.clock import now
from rapport.staff.roles import Role
from tests.architecture.objects import OWN, Scene, scene
from tests.architecture.routes import all_routes
from tests.architecture.test_objects import kind_of
from tests.e2e.visits import DEMO, NO_SCREENS, OUTSIDE, SECOND_FACTOR, SIGNED_IN
from tests.security.acting import content_of

NAMED = {*DEMO, *NO_SCREENS, *OUTSIDE, *SECOND_FACTOR, *SIGNED_IN}
ANSWERED = {200, 410}


def pages(made: Scene, client: Client) -> Iterator[str]:
    for route in all_routes():
        kind = kind_of(route)
        values = made.values(kind, OWN) if kind else {"key": "mine", "which": "status"}
        answer = client.get(route.address(**values))
        content = content_of(answer)
        if answer.status_code in ANSWERED and content.lstrip()[:15].lower() == b"<!doctype html>":
            yield route.name


@pytest.mark.django_db
def test_a_page_was_never_looked_at(settings):
    settings.DEMO = True
    made = scene()
    Built.objects.create(at=now(), seed=1, until=now())
    stranger, boss = Client(), Client()
    boss.force_login(made.company.agent(Role.ADMINISTRATOR).account)
    found = {*pages(made, stranger), *pages(made, boss)}
    assert sorted(found - NAMED) == []
    assert len(found) > 50


def test_what_is_visited_exists():
    assert NAMED - {route.name for route in all_routes()} == set()
