"""A number that no database can hold is an address that is not there."""

import re

import pytest
from django.test import Client

from rapport.staff.roles import Role
from rapport.staff.tests.people import person
from tests.architecture.routes import Route, all_routes

NUMBER = re.compile(r"<(?:int|id):\w+>")
WITH_NUMBERS = [route for route in all_routes() if NUMBER.search(route.pattern)]


@pytest.mark.django_db
@pytest.mark.parametrize("route", WITH_NUMBERS, ids=lambda route: route.name)
def test_a_number_of_26_digits_was_a_server_error(client: Client, route: Route) -> None:
    client.force_login(person("Boss", role=Role.ADMINISTRATOR).account)
    path = re.sub(r"<\w+:\w+>", "nothing", NUMBER.sub("9" * 26, route.pattern))
    assert client.get(f"/{path}").status_code in {404, 405}
    assert client.post(f"/{path}").status_code in {404, 405}
