"""What a list of conversations shows: whose, in which order, and what when it is empty."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.conversations.models import Conversation, Folder, Status
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, conversation_of, mail, receive


def test_the_list_shows_the_conversation(client: Client, conversation: Conversation) -> None:
    page = client.get("/inbox/all").content.decode()
    assert "Where is my parcel?" in page
    assert f"/conversations/{conversation.number}" in page


def test_an_unsent_draft_was_invisible_in_lists_and_when_solving(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    assert "Draft" not in client.get("/inbox/all?part=rows").content.decode()
    client.post(f"{here}/draft", {"mode": "reply", "html": "<p>Half an answ</p>", "nonce": "n", "save": "1"})
    assert "Draft" in client.get("/inbox/all?part=rows").content.decode()
    colleague = signed_in(company.agent(Role.TEAM_LEAD))
    assert "Draft" not in colleague.get("/inbox/all?part=rows").content.decode()
    solved = client.post(f"{here}/status", {"status": "solved"}, headers=SCRIPT)
    assert "draft was not sent" in solved["HX-Trigger"]


def test_an_empty_list_of_ones_own_did_not_say_what_waits(company: World, conversation: Conversation) -> None:
    client = signed_in(company.agent())
    link = 'class="button button--primary" data-size="m" href="/inbox/unassigned"'
    page = client.get("/").content.decode()
    assert link in page
    assert "1 conversation belongs to nobody yet" in page
    client.post(f"/conversations/{conversation.number}/assign", {"agent": company.agent().pk})
    assert link not in client.get("/").content.decode()
    client.post(f"/conversations/{conversation.number}/status", {"status": "solved"})
    assert link not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "after",
    [
        "0001-01-01T00:00:00+14:00~1",
        "9999-12-31T23:59:59-14:00~1",
        f"2026-01-01T00:00:00+00:00~{10**30}",
        "~",
    ],
)
def test_a_cursor_from_nowhere_was_an_error(client: Client, after: str) -> None:
    assert client.get("/inbox/all", {"after": after}).status_code == 200


@pytest.mark.parametrize(
    ("size", "shown"), [("", 1), ("2", 2), ("0", 1), ("-5", 1), ("9" * 30, 1), ("999", 3)]
)
def test_a_list_that_had_loaded_on_looked_again_at_its_first_page_alone(
    client: Client, company: World, monkeypatch: pytest.MonkeyPatch, size: str, shown: int
) -> None:
    monkeypatch.setattr("rapport.conversations.queries.lists.PAGE", 1)
    monkeypatch.setattr("rapport.workspace.views.inbox.MOST_ROWS", 3)
    for each in range(4):
        receive(company.inbox, mail(subject=f"No. {each}"))
    rows = client.get(f"/inbox/all?part=rows&size={size}").content.decode()
    assert rows.count('<li class="row row--unread"') == shown


def test_a_specialist_read_the_lists_of_other_brands_teams(company: World) -> None:
    raw = receive(company.other_inbox, mail(to=company.other_inbox.address, subject="Of the other brand"))
    assert conversation_of(raw).team_id == company.other_team.pk
    client = signed_in(company.agent(Role.SPECIALIST))
    assert client.get(f"/inbox/team-{company.other_team.pk}").status_code == 404
    assert "Of the other brand" not in client.get("/inbox/all").content.decode()


def test_what_was_not_delivered_stood_among_no_view(company: World, conversation: Conversation) -> None:
    arrived = conversation_of(receive(company.inbox, mail(subject="A parcel that came")))
    foreign = conversation_of(receive(company.other_inbox, mail(to=company.other_inbox.address, subject="x")))
    gone = conversation_of(receive(company.inbox, mail(subject="Thrown away")))
    Conversation.objects.exclude(pk=arrived.pk).update(delivery_failed=True)
    Conversation.objects.filter(pk=conversation.pk).update(status=Status.SOLVED, folder=Folder.SOLVED)
    Conversation.objects.filter(pk=gone.pk).update(folder=Folder.DELETED)
    found = {}
    for role in (Role.TEAM_LEAD, Role.MANAGER):
        client = signed_in(company.agent(role))
        page = client.get("/inbox/failed?part=rows").content.decode()
        found[role] = [each.pk for each in (conversation, foreign) if f'id="c{each.number}"' in page]
        assert page.count('<li class="row') == len(found[role])
        counts = client.get("/counts").content.decode().partition('data-view="failed"')[2]
        assert re.findall(r"</span>(\d+)</span>", counts)[0] == str(len(found[role]))
    assert found == {Role.TEAM_LEAD: [conversation.pk], Role.MANAGER: [conversation.pk, foreign.pk]}
    assert signed_in(company.agent()).get("/inbox/failed").status_code == 404


def test_the_list_lost_its_order_with_the_next_signal(client: Client, conversation: Conversation) -> None:
    page = client.get("/inbox/all?sort=oldest").content.decode()
    assert 'data-refresh="/inbox/all?sort=oldest"' in page
    assert "sort=waiting" not in page


def test_a_list_read_the_teams_twice(client: Client, conversation: Conversation) -> None:
    client.get("/inbox/all")
    with CaptureQueriesContext(connection) as asked:
        assert str(conversation.number) in client.get("/inbox/all").content.decode()
    assert len([query for query in asked if 'FROM "staff_team"' in query["sql"]]) == 1


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("all", "New mail appears by itself."),
        ("mentions", "mentions you"),
        ("waiting", "the customer has to answer"),
        ("snoozed", "time that was set"),
        ("solved", "is solved"),
        ("failed", "could not be delivered"),
        ("spam", "as spam"),
        ("deleted", "was deleted"),
    ],
)
def test_every_empty_list_promised_new_mail(client: Client, view: str, words: str) -> None:
    rows = client.get(f"/inbox/{view}?part=rows").content.decode()
    assert words in rows
    assert ("New mail" in rows) is (view == "all")
