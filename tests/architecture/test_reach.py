"""Rows, not only routes: what stands outside one's reach is answered as if it did not exist."""

from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test import Client

from rapport.conversations.models import Attachment, Conversation, Message
from rapport.inboxes.models import RawInbound
from rapport.kernel.files.storage import store
from rapport.staff.roles import Role
from tests import world
from tests.architecture.routes import Route, all_routes

CANARY = "canary-7f3a"
OF_CONVERSATIONS = [route for route in all_routes() if "number" in route.takes]
WRITES = ("INSERT", "UPDATE", "DELETE")
FREE = ("django_session", "kernel_cache")
pytestmark = pytest.mark.django_db


@dataclass
class Foreign:
    """A conversation of the other team and brand, with a file."""

    company: world.World
    conversation: Conversation
    message: Message
    attachment: Attachment
    raw: RawInbound


@pytest.fixture
def foreign() -> Foreign:
    company = world.build()
    raw = world.receive(
        company.other_inbox,
        world.mail(to="workshop@refit.example", subject=f"{CANARY} subject", text=f"{CANARY} text"),
    )
    message = Message.objects.get(raw=raw)
    stored = store(CANARY.encode(), name=f"{CANARY}.txt")
    attachment = Attachment.objects.create(
        file=stored, message=message, name=stored.name, content_type="text/plain", size=stored.size
    )
    return Foreign(company, message.conversation, message, attachment, raw)


def asked(foreign: Foreign, role: Role, route: Route, method: str) -> tuple[int, bytes, list[str]]:
    """Ask as ``role``, in a transaction that is rolled back; with the writes that happened."""
    client, written = Client(raise_request_exception=False), []
    client.force_login(foreign.company.agent(role).account)
    values = {"number": foreign.conversation.number, "message": foreign.message.pk}
    if "pk" in route.takes:
        values["pk"] = foreign.attachment.pk if route.name.endswith("file") else foreign.raw.pk
    if "name" in route.takes:
        values["name"] = foreign.attachment.name

    def watch(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        wrote = sql.lstrip().upper().startswith(WRITES) and context["cursor"].rowcount
        if wrote and not any(table in sql for table in FREE):
            written.append(sql[:120])
        return result

    with transaction.atomic(), connection.execute_wrapper(watch):
        answer = getattr(client, method)(route.address(**values))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, content, written


def test_the_owner_of_the_reach_does_see_it(foreign):
    """Without this the tests below would pass for routes that are broken for everybody."""
    route = next(route for route in OF_CONVERSATIONS if route.name == "conversation")
    status, content, _ = asked(foreign, Role.MANAGER, route, "get")
    assert status == 200
    assert CANARY.encode() in content


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD])
def test_a_conversation_out_of_reach_does_not_exist(foreign, role):
    wrong = []
    for route in OF_CONVERSATIONS:
        for method in ("get", "post"):
            status, content, written = asked(foreign, role, route, method)
            if status not in {403, 404, 405} or written or CANARY.encode() in content:
                wrong.append(f"{method.upper()} {route.name}: {status} {written[:1]}")
    assert wrong == []


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD])
def test_a_file_out_of_reach_does_not_exist(foreign, role):
    for route in all_routes():
        if route.name in {"file", "remove-file"}:
            for method in ("get", "post"):
                status, content, written = asked(foreign, role, route, method)
                # Removing what is not there is an empty answer, whatever the reason.
                assert status in {204, 403, 404, 405}, route.name
                assert written == []
                assert CANARY.encode() not in content


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD])
def test_no_page_shows_a_word_of_it(foreign, role):
    client = Client(raise_request_exception=False)
    client.force_login(foreign.company.agent(role).account)
    number = foreign.conversation.number
    for route in all_routes():
        if not {"number", "pk"} & set(route.takes):
            answer = client.get(route.address(), {"q": CANARY, "conversation": number})
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = content.decode("utf-8", "replace")
            assert f"{CANARY} subject" not in text, route.name
            assert f"{CANARY} text" not in text, route.name
            assert f"#{number}" not in text, route.name
