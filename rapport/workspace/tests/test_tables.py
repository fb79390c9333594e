"""Lists and search results as CSV: what the agent sees on the screen, and nothing a spreadsheet runs."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.test import Client

from rapport.conversations.models import Conversation, Folder, Status
from rapport.conversations.queries import lists
from rapport.conversations.searching import index_message
from rapport.inboxes.models import Outcome, RawInbound
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.ADMINISTRATOR))


def table(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def more(company: World, count: int) -> list[Conversation]:
    return [
        conversation_of(receive(company.inbox, mail(sender=f"c{n}@customer.example", subject=f"Wheel {n}")))
        for n in range(count)
    ]


@pytest.fixture
def searchable() -> None:
    pass


def indexed(*conversations: Conversation) -> None:
    for each in conversations:
        for message in each.messages.all():
            index_message(message.pk)


def test_a_list_comes_whole_and_in_its_order(client, company, conversation, monkeypatch) -> None:
    monkeypatch.setattr(lists, "TOGETHER", 2)
    numbers = [str(each.number) for each in (conversation, *more(company, 4))]
    rows = table(client, "/inbox/all.csv")
    assert [row["Number"] for row in rows] == numbers[::-1]
    assert rows[-1]["Subject"] == "Where is my parcel?"
    assert rows[-1]["Customer"] == "Ada Byron"
    assert rows[-1]["Status"] == "New"
    assert [row["Number"] for row in table(client, "/inbox/all.csv?sort=oldest")] == numbers


def test_a_list_ends_at_a_number_of_rows(company) -> None:
    more(company, 4)
    view = lists.View("all")
    assert len(list(lists.every(company.agent(Role.ADMINISTRATOR), view, most=3))) == 3


def test_the_link_to_the_table_stands_where_the_list_is_sorted(client, company, conversation) -> None:
    indexed(conversation)
    assert 'href="/inbox/all.csv?sort=oldest"' in client.get("/inbox/all?sort=oldest").content.decode()
    assert 'href="/search.csv?q=parcel"' in client.get("/search?q=parcel").content.decode()


def test_search_results_come_whole(client, company, monkeypatch) -> None:
    monkeypatch.setattr("rapport.conversations.queries.find.WINDOW", 3)
    wheels = more(company, 7)
    indexed(*wheels)
    found = [row["Number"] for row in table(client, "/search.csv?q=wheel")]
    assert sorted(found) == [str(each.number) for each in wheels]
    assert table(client, "/search.csv?q=") == []


def test_the_table_of_a_search_began_its_days_in_another_time_zone(client, company, conversation) -> None:
    Agent.objects.update(time_zone="Pacific/Kiritimati")
    late = datetime(2026, 10, 31, 12, tzinfo=UTC)
    conversation.messages.update(created_at=late)
    indexed(conversation)
    asked = "/search{}?q=parcel+after:2026-11-01"
    assert f"/conversations/{conversation.number}" in client.get(asked.format("")).content.decode()
    assert [row["Number"] for row in table(client, asked.format(".csv"))] == [str(conversation.number)]


@pytest.mark.parametrize("role", [Role.COLLABORATOR, Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD])
def test_a_table_holds_the_rows_of_the_asker_alone(company, conversation, role) -> None:
    foreign = conversation_of(
        receive(company.other_inbox, mail(to="workshop@refit.example", subject="Foreign parcel"))
    )
    indexed(conversation, foreign)
    client = signed_in(company.agent(role))
    own = {str(conversation.number)} - ({str(conversation.number)} if role == Role.COLLABORATOR else set())
    assert {row["Number"] for row in table(client, "/search.csv?q=parcel")} == own
    for key in ("all", "unassigned", f"team-{company.other_team.pk}", "solved"):
        answer = client.get(f"/inbox/{key}.csv")
        assert "Foreign" not in answer.getvalue().decode()
    if own:
        assert {row["Number"] for row in table(client, "/inbox/all.csv")} == own


def test_who_may_not_see_a_view_gets_no_table_of_it(company) -> None:
    assert signed_in(company.agent()).get("/inbox/deleted.csv").status_code == 404
    assert signed_in(company.agent()).get("/trays/noted.csv").status_code == 403


@pytest.mark.parametrize("subject", ["=1+1", "@SUM(A1)", "+49 30 1", "-1", "＝1+1"])
def test_a_customers_subject_is_no_formula(client, company, subject) -> None:
    receive(company.inbox, mail(subject=subject))
    assert [row["Subject"] for row in table(client, "/inbox/all.csv")] == [f"'{subject}"]


def test_a_solved_conversation_is_in_the_table_of_its_own_list(client, conversation) -> None:
    Conversation.objects.update(status=Status.SOLVED, folder=Folder.SOLVED)
    assert table(client, "/inbox/all.csv") == []
    assert [row["Status"] for row in table(client, "/inbox/solved.csv")] == ["Solved"]


def test_a_tray_comes_with_the_reasons(client, company) -> None:
    raw = receive(company.inbox, mail(subject="=Out of office"))
    RawInbound.objects.filter(pk=raw.pk).update(outcome=Outcome.NOTED, reason="a machine wrote it")
    (row,) = table(client, "/trays/noted.csv")
    assert row["Inbox"] == "Support"
    assert row["Reason"] == "a machine wrote it"
    assert row["Subject"] == "'=Out of office"
    assert 'href="/trays/noted.csv"' in client.get("/trays/noted").content.decode()
    assert table(client, "/trays/refused.csv") == []
    assert client.get("/trays/nonsense.csv").status_code == 404
