"""SEC-05: the matrix of objects. Every route × every role × an own, a foreign, a deleted and a mixed-up one.

Objects that never were are asked for in ``test_doors``.
"""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client

from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.staff.roles import Role
from tests.architecture.objects import (
    CANARY,
    DELETED,
    ELSEWHERE,
    FOREIGN,
    KEYS,
    KINDS,
    MIXED,
    NOTHING_THERE,
    OBJECTS,
    SCOPED,
    THINGS,
    Scene,
    in_reach,
    scene,
)
from tests.architecture.routes import Route, all_routes

WRITES = ("INSERT", "UPDATE", "DELETE")
FREE = ("django_session", "kernel_cache")
ROUTES = [route for route in all_routes() if OBJECTS & set(route.takes) and route.name not in ELSEWHERE]
ABSENT = {403, 404, 405}
Answer = tuple[int, bytes, list[str]]


def kind_of(route: Route) -> str | None:
    """What the address of the route names; None where nobody has said so."""
    return KINDS.get(route.name) or ("conversation" if "number" in route.takes else None)


def test_a_new_route_says_what_its_address_names():
    assert [route.name for route in ROUTES if kind_of(route) is None] == []
    taken = {name for route in all_routes() for name in route.takes}
    assert taken - OBJECTS - KEYS == set()
    assert (set(KINDS) | set(ELSEWHERE)) - {route.name for route in all_routes()} == set()


@pytest.fixture
def made(db: None) -> Scene:
    return scene()


def ask(made: Scene, client: Client, route: Route, thing: str, method: str) -> Answer:
    """Ask in a transaction that is rolled back; with the writes that happened."""
    written: list[str] = []

    def watch(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        wrote = sql.lstrip().upper().startswith(WRITES) and context["cursor"].rowcount
        if wrote and not any(table in sql for table in FREE):
            written.append(sql[:120])
        return result

    kind = kind_of(route)
    assert kind is not None, route.name
    address = route.address(**made.values(kind, thing))
    with transaction.atomic(), connection.execute_wrapper(watch):
        answer = getattr(client, method)(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, content, written


def answers(made: Scene, client: Client) -> Iterator[tuple[Route, str, str, Answer]]:
    for route in ROUTES:
        two = len(OBJECTS & set(route.takes)) > 1
        for thing in THINGS if two else THINGS[:-1]:
            for method in ("get", "post"):
                yield route, thing, method, ask(made, client, route, thing, method)


def may(agent: Agent, route: Route) -> bool:
    assert route.door is not None, route.name
    return route.door == "signed-in" or agent.can(Permission(route.door))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_its_own_objects_and_no_others(made, role):
    agent = made.company.agent(role)
    client = Client(raise_request_exception=False)
    client.force_login(agent.account)
    wrong = []
    for route, thing, method, (status, content, written) in answers(made, client):
        seen = in_reach(agent, kind_of(route), thing)
        if status >= 500:
            wrong.append(f"{method} {route.name} {thing}: {status}")
        if may(agent, route) and seen:
            continue
        # Removing an upload that is not there is an empty answer, whatever the reason.
        absent = status in ABSENT or (route.name == "remove-file" and status == 204)
        if not absent or written or CANARY.encode() in content:
            wrong.append(f"{method} {route.name} {thing}: {status} {written[:1]}")
    assert wrong == []


def test_an_administrator_reaches_the_objects_of_every_route(made):
    """Without this the test above would pass for routes that are broken for everybody."""
    client = Client(raise_request_exception=False)
    client.force_login(made.company.agent(Role.ADMINISTRATOR).account)
    reached = set()
    for route, thing, _method, (status, _content, _written) in answers(made, client):
        if status not in ABSENT:
            reached.add((route.name, thing))
    wanted = {(route.name, thing) for route in ROUTES for thing in THINGS if in_reach_of_all(route, thing)}
    missed = sorted(f"{name} {thing}" for name, thing in wanted - reached if name not in NOTHING_THERE)
    assert " ".join(missed) == ""


def in_reach_of_all(route: Route, thing: str) -> bool:
    kind = kind_of(route)
    # What is deleted under Settings is gone; the others are still there for those who may see them.
    return SCOPED[kind](Role.ADMINISTRATOR, thing) if kind in SCOPED else thing not in {DELETED, MIXED}


def test_a_stranger_gets_nothing(made):
    client = Client(raise_request_exception=False)
    for route, thing, method, (status, content, written) in answers(made, client):
        assert status in {302, 403, 404, 405}, f"{method} {route.name} {thing}"
        assert CANARY.encode() not in content, route.name
        assert written == [], route.name


def test_a_manager_changes_nothing_of_an_administrator(made):
    client = Client(raise_request_exception=False)
    client.force_login(made.company.agent(Role.MANAGER).account)
    for route in ROUTES:
        if kind_of(route) == "person":
            _status, _content, written = ask(made, client, route, FOREIGN, "post")
            assert written == [], route.name
