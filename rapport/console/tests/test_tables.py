"""Tables of the settings as CSV: nothing in them that a spreadsheet runs."""

import csv
import io

import pytest

from rapport.kernel.web.csv import harmless
from rapport.staff.actions.teams import create_team

pytestmark = pytest.mark.django_db


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize("page", ["people", "teams", "brands", "canned-replies", "tags", "audit", "queues"])
def test_tables_come_as_csv(client, boss, page):
    answer = client.get(f"/settings/{page}.csv")
    assert answer.status_code == 200
    assert len(rows(answer)[0]) > 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\x00=1"])
def test_no_cell_is_a_formula(cell):
    assert harmless(cell)[0] == "'"


def test_numbers_stay_numbers_and_a_hostile_name_is_text(client, boss):
    assert harmless(-5) == "-5"
    create_team(actor=boss, name="=HYPERLINK(0)")
    assert rows(client.get("/settings/teams.csv"))[1] == ["'=HYPERLINK(0)", "0"]
