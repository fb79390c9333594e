"""SEC-05: the authorization matrix. Every route × every role × a stranger, as the route itself declares."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from rapport.config.policy import LIVE, POLICY
from rapport.kernel.web import door
from rapport.staff.doors import CLOSED
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.staff.roles import Role
from rapport.staff.tests.people import person
from tests.architecture.routes import Route, all_routes

SPECIAL = {door.PUBLIC, door.SIGNED_IN, door.HOOK, CLOSED}
ROUTES = all_routes()
SIGN_OUT = {"account_logout"}


def ids(route: Route) -> str:
    return route.name


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_every_route_has_a_name_and_a_door(route):
    assert route.name
    assert "None" not in route.name
    assert route.door in SPECIAL | {str(each) for each in Permission}, "declare a door on the view"


def test_names_are_unique():
    names = [route.name for route in ROUTES]
    assert sorted(set(names)) == names


def test_the_policy_names_only_routes_that_exist():
    assert set(POLICY) <= {route.name for route in ROUTES}


def test_the_policy_is_for_views_of_third_parties_only():
    ours = [route.name for route in ROUTES if route.package.startswith("rapport.")]
    assert set(POLICY).isdisjoint(ours)


def expected(route: Route, agent: Agent | None) -> str:
    if route.door == CLOSED:
        return "absent"
    if route.door in {door.PUBLIC, door.HOOK}:
        return "open"
    if agent is None:
        return "sign in"
    assert route.door is not None, route.name
    if route.door == door.SIGNED_IN or agent.can(Permission(route.door)):
        return "open"
    return "refused"


def found(answer, public: bool) -> str:
    if (
        answer.status_code in {301, 302}
        and answer.headers["Location"].startswith("/accounts/login/")
        and not public
    ):
        return "sign in"
    if answer.status_code == 403:
        return "refused"
    if answer.status_code == 404 and getattr(answer, "resolver_match", None) is None:
        return "absent"
    return "open" if answer.status_code < 500 else f"broken ({answer.status_code})"


def ask(route: Route, agent: Agent | None, method: str):
    """Ask in a transaction that is rolled back, so that no answer depends on an earlier one."""
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if agent is not None:
            client.force_login(agent.account)
        answer = getattr(client, method)(route.address())
        transaction.set_rollback(True)
    return answer


def wrong_answers(agent: Agent | None) -> Iterator[str]:
    for route in ROUTES:
        wanted = expected(route, agent)
        for method in ("get", "post"):
            answer = ask(route, agent, method)
            got = found(answer, route.door == door.PUBLIC)
            if wanted == "absent" and answer.status_code == 404:
                continue
            if wanted == "open" and route.door == door.HOOK and answer.status_code in {401, 403, 404, 405}:
                continue
            if got != wanted and not (wanted == "open" and answer.status_code == 404):
                yield f"{method.upper()} {route.name} ({route.door}): {got}, not {wanted}"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["stranger", *Role])
def test_each_role_gets_what_the_doors_declare(role):
    agent = None if role == "stranger" else person("Mara Lindqvist", Role(role))
    assert list(wrong_answers(agent)) == []


@pytest.mark.django_db
def test_an_account_without_agent_is_refused_everywhere():
    agent = person(password=None)
    Agent.objects.filter(pk=agent.pk).update(active=False)
    agent.refresh_from_db()
    for route in ROUTES:
        if route.door not in {door.PUBLIC, door.HOOK, CLOSED}:
            assert ask(route, agent, "get").status_code == 403, route.name


@pytest.mark.django_db
def test_a_route_without_a_door_is_refused(monkeypatch):
    from rapport.staff import middleware

    monkeypatch.setattr(middleware, "door_of", lambda view, route: None)
    boss = person("Boss Adler", Role.ADMINISTRATOR, password=None)
    assert (
        ask(next(route for route in ROUTES if route.name == "console:profile"), boss, "get").status_code
        == 403
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", sorted(LIVE))
def test_the_live_application_lets_no_stranger_in(path):
    from rapport.kernel.live.app import LiveApp

    async def call() -> int:
        sent: list[dict[str, Any]] = []
        body = b'{"topic": "agent:1", "state": "typing"}'
        incoming = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive():
            return next(incoming, {"type": "http.disconnect"})

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET" if path == "/live" else "POST",
            "path": path,
            "query_string": b"topics=agent:1,team:1,conversation:1",
            "headers": [
                (b"host", b"localhost"),
                (b"sec-fetch-site", b"same-origin"),
                (b"content-type", b"application/json"),
                (b"cookie", f"{settings.SESSION_COOKIE_NAME}=nobody".encode()),
            ],
        }
        await LiveApp()(scope, receive, send)
        return int(sent[0]["status"])

    assert LIVE[path] == door.SIGNED_IN
    assert asyncio.run(call()) == 401


WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
FREE = ("django_session", "kernel_cache")


@pytest.mark.django_db
def test_no_get_changes_anything():
    boss = person("Boss Adler", Role.ADMINISTRATOR, password=None)
    written: list[str] = []

    def watch(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(WRITES) and not any(table in sql for table in FREE):
            written.append(sql[:120])
        return execute(sql, params, many, context)

    changes = []
    for route in ROUTES:
        client = Client(raise_request_exception=False)
        client.force_login(boss.account)
        written.clear()
        with connection.execute_wrapper(watch):
            client.get(route.address(pk=boss.pk))
        if written:
            changes.append(f"GET {route.name}: {written[0]}")
    assert changes == []
