"""The matrix of live topics: every role × every topic, to follow it and to be seen in it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from rapport.conversations.actions.note import add_note
from rapport.conversations.models import Conversation
from rapport.kernel.live.app import LiveApp
from rapport.kernel.live.topics import topic_names
from rapport.staff.actions.disable import disable
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
READS_ALL = {Role.QA_ANALYST, Role.MANAGER, Role.ADMINISTRATOR}
BY_BRAND = {Role.SPECIALIST, Role.TEAM_LEAD}


@dataclass
class Topics:
    """The topics by what they are to the agent who asks."""

    company: World
    own: Conversation
    foreign: Conversation
    mentioned: Conversation

    def of(self, agent: Agent) -> dict[str, str]:
        other = self.company.agent(Role.MANAGER if agent.role != Role.MANAGER else Role.ADMINISTRATOR)
        return {
            "myself": f"agent:{agent.pk}",
            "another": f"agent:{other.pk}",
            "my end": f"agent:{agent.pk}:revoked",
            "own team": f"team:{self.company.team.pk}",
            "foreign team": f"team:{self.company.other_team.pk}",
            "own": f"conversation:{self.own.pk}",
            "foreign": f"conversation:{self.foreign.pk}",
            "mentioned": f"conversation:{self.mentioned.pk}",
            "gone": "conversation:999999999",
            "inbox": f"inbox:{self.company.inbox.pk}",
        }


def expected(role: Role) -> set[str]:
    """What each role may follow; a team's topic says only that something happened, and where."""
    allowed = {"myself", "mentioned"}
    if role is Role.ADMINISTRATOR:
        allowed.add("inbox")
    if role in READS_ALL:
        return {*allowed, "own team", "foreign team", "own", "foreign"}
    if role in BY_BRAND:
        # A brand's conversations may lie with any team.
        return {*allowed, "own team", "foreign team", "own"}
    return allowed if role is Role.COLLABORATOR else {*allowed, "own team", "own"}


@pytest.fixture
def topics() -> Topics:
    company = world.build()
    found = [
        world.conversation_of(world.receive(inbox, world.mail(to=inbox.address, subject=subject)))
        for inbox, subject in (
            (company.inbox, "own"),
            (company.other_inbox, "foreign"),
            (company.other_inbox, "mentioned"),
        )
    ]
    everybody = [agent.pk for agent in company.agents.values()]
    boss = company.agent(Role.ADMINISTRATOR)
    add_note(agent=boss, conversation_id=found[2].pk, html="<p>Look</p>", mentioned_ids=everybody)
    return Topics(company, *found)


def session_of(agent: Agent) -> str:
    client = Client()
    client.force_login(agent.account)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


async def call(key: str, *, method: str = "GET", topics: str = "", body: bytes = b"") -> tuple[int, bytes]:
    """Ask the live application and go away once it has answered; with what it said."""
    sent: list[dict[str, Any]] = []
    said = asyncio.Event()
    asked = iter([{"type": "http.request", "body": body, "more_body": False}] if body else [])

    async def receive():
        try:
            return next(asked)
        except StopIteration:
            await said.wait()
            return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)
        if message["type"] == "http.response.body":
            said.set()

    headers = {
        "host": "localhost",
        "sec-fetch-site": "same-origin",
        "content-type": "application/json",
        "cookie": f"{settings.SESSION_COOKIE_NAME}={key}",
    }
    scope = {
        "type": "http",
        "method": method,
        "path": "/live" if method == "GET" else "/live/presence",
        "query_string": f"topics={topics}".encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await asyncio.wait_for(LiveApp()(scope, receive, send), 20)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:])


def followed(key: str, topic: str) -> int:
    return asyncio.run(call(key, topics=topic))[0]


def seen(key: str, topic: str) -> int:
    body = json.dumps({"topic": topic, "state": "viewing"}).encode()
    return asyncio.run(call(key, method="POST", body=body))[0]


def test_every_topic_stands_in_the_matrix(topics):
    named = {topic.partition(":")[0] for topic in topics.of(topics.company.agent()).values()}
    assert set(topic_names()) - named == set()


@pytest.mark.parametrize("role", list(Role))
def test_each_role_follows_what_it_may_see(topics, role):
    agent = topics.company.agent(role)
    key = session_of(agent)
    asked = topics.of(agent)
    assert {name for name, topic in asked.items() if followed(key, topic) == 200} == expected(role)
    assert {name for name, topic in asked.items() if seen(key, topic) == 204} == expected(role)


@pytest.mark.parametrize("role", list(Role))
def test_a_stream_of_many_names_those_that_are_refused(topics, role):
    agent = topics.company.agent(role)
    asked = topics.of(agent)
    status, said = asyncio.run(call(session_of(agent), topics=",".join(asked.values())))
    refused = {line for line in said.decode().splitlines() if line.startswith('data: {"topic"')}
    assert status == 200
    assert refused == {
        f'data: {{"topic": "{topic}"}}' for name, topic in asked.items() if name not in expected(role)
    }


def test_who_was_disabled_or_never_signed_in_follows_nothing(topics):
    agent = topics.company.agent()
    keys = (session_of(agent), "nobody")
    disable(actor=None, agent=agent)
    for key in keys:
        for topic in topics.of(agent).values():
            assert followed(key, topic) == 401
            assert seen(key, topic) == 401
