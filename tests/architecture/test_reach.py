"""Rows, not only routes: what stands outside one's reach is on no page, and in no form of one's own."""

import pytest
from django.test import Client

from rapport.conversations.models import Attachment, Draft
from rapport.notifications.actions.notify import notify
from rapport.notifications.models import About, Notification
from rapport.staff.roles import Role
from tests.architecture.objects import CANARY, FOREIGN, OWN, Scene, scene
from tests.architecture.routes import all_routes

pytestmark = pytest.mark.django_db
OUTSIDE = [Role.COLLABORATOR, Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD]


@pytest.fixture
def made() -> Scene:
    return scene()


def client_of(made: Scene, role: Role) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(made.company.agent(role).account)
    return client


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_page_shows_a_word_of_it(made, role):
    client, number = client_of(made, role), made.conversations[FOREIGN].number
    for route in all_routes():
        if not {"number", "pk"} & set(route.takes):
            answer = client.get(route.address(), {"q": CANARY, "conversation": number})
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = content.decode("utf-8", "replace")
            assert f"{CANARY} subject" not in text, route.name
            assert f"{CANARY} text" not in text, route.name
            assert f"#{number}" not in text, route.name


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_list_of_a_foreign_team_opens(made, role):
    answer = client_of(made, role).get(f"/inbox/team-{made.company.other_team.pk}")
    assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("role", OUTSIDE)
def test_a_form_that_names_foreign_things_changes_none(made, role):
    client, foreign = client_of(made, role), made.conversations[FOREIGN]
    theirs = made.company.agent(Role.MANAGER)
    (told,) = notify(agent_ids=[theirs.pk], about=About.ASSIGNED, once="once")
    foreign.refresh_from_db()
    before = foreign.last_seq
    me = made.company.agent(role).pk
    for wish in ({"status": "solved"}, {"tag": "x"}, {"agent": me}, {"spam": "1"}):
        client.post("/bulk", {"number": foreign.number, **wish})
    client.post("/notifications/read", {"id": told.pk})
    client.post(f"/trays/{made.raws[OWN].pk}/decision", {"act": "move", "number": foreign.number})
    upload = made.pks["upload"][OWN]
    client.post("/new/draft", {"html": "<p>x</p>", "file": upload})
    foreign.refresh_from_db()
    assert foreign.last_seq == before
    assert Notification.objects.get(pk=told.pk).read_at is None
    assert not Draft.objects.filter(conversation=foreign).exists()
    assert Attachment.objects.get(pk=upload).uploader_id == theirs.pk
