"""Brands, teams and tags are made, changed and taken away, and what follows is said before."""

import pytest

from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.edit_tag import create_tag
from rapport.conversations.actions.tag import set_tags
from rapport.conversations.models import Tag
from rapport.inboxes.models import Inbox
from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.teams import archive_team, create_team
from rapport.staff.models import AuditEntry, Brand, Team
from rapport.staff.roles import Role
from rapport.staff.tests.people import person
from tests.world import conversation_of, receive
from tests.world import mail as mail_to

pytestmark = pytest.mark.django_db


def test_brands_and_teams_are_made_changed_and_archived(client, boss):
    client.post(
        "/settings/brands/new", {"name": "Shop", "colour": "#112233", "signature": "Kind regards\nShop"}
    )
    brand = Brand.objects.get()
    assert "<br" in brand.signature_html or brand.signature_html.count("<p") == 2
    client.post(f"/settings/brands/{brand.pk}/archive")
    brand.refresh_from_db()
    assert brand.archived
    client.post("/settings/teams/new", {"name": "Returns"})
    team = Team.objects.get()
    client.post(f"/settings/teams/{team.pk}", {"name": "Refunds"})
    team.refresh_from_db()
    assert team.name == "Refunds"
    for page in ("/settings/brands", "/settings/teams", f"/settings/brands/{brand.pk}"):
        assert client.get(page).status_code == 200


def test_tags_are_renamed_and_deleted(client, boss):
    client.post("/settings/tags/new", {"name": "Fragile", "colour": "#112233"})
    tag = Tag.objects.get()
    client.post(f"/settings/tags/{tag.pk}", {"name": "Broken", "colour": "#112233"})
    tag.refresh_from_db()
    assert tag.name == "broken"
    client.post(f"/settings/tags/{tag.pk}/delete")
    assert not Tag.objects.exists()


def test_one_click_took_a_tag_a_team_or_a_person_away_without_saying_what_follows(client, boss):
    team, brand = create_team(actor=boss, name="Workshop"), create_brand(actor=boss, name="Shop")
    inbox = Inbox.objects.create(name="Help", address="help@shop.example", brand=brand, team=team)
    conversation = conversation_of(receive(inbox, mail_to(to="help@shop.example")))
    tag = create_tag(actor=boss, name="claim")
    set_tags(agent=boss, conversation_id=conversation.pk, names=["claim"])
    pia = person("Pia Post")
    pia.teams.add(team)
    assign(agent=boss, conversation_id=conversation.pk, assignee=pia)
    for page, act, follows in (
        (f"/settings/tags/{tag.pk}", "delete", "It goes from 1 conversation."),
        (f"/settings/teams/{team.pk}", "archive", "1 unsolved conversation loses the list of this team"),
        (f"/settings/brands/{brand.pk}", "archive", "1 inbox goes on as it is set"),
        (f"/settings/people/{pia.pk}", "disable", "1 unsolved conversation becomes unassigned."),
    ):
        shown = client.get(page).content.decode()
        assert f'href="{page}/{act}"' in shown
        assert f'action="{page}/{act}"' not in shown
        assert follows in client.get(f"{page}/{act}").content.decode()
    for each in (team, brand, pia):
        each.refresh_from_db()
    assert (team.archived, brand.archived, pia.active) == (False, False, True)
    assert Tag.objects.exists()


def test_a_second_click_on_archive_brought_the_team_back(client, boss):
    team = create_team(actor=boss, name="Workshop")
    for _click in range(2):
        client.post(f"/settings/teams/{team.pk}/archive")
    team.refresh_from_db()
    assert team.archived
    client.post(f"/settings/teams/{team.pk}/archive", {"bring_back": "1"})
    team.refresh_from_db()
    assert not team.archived


def test_the_page_of_a_team_names_its_people(client, boss):
    team = create_team(actor=boss, name="Service")
    person(Role.SPECIALIST).teams.add(team)
    page = client.get(f"/settings/teams/{team.pk}").content.decode()
    assert f'href="/settings/people/{team.members.get().pk}"' in page


def test_who_is_in_a_team_could_be_changed_only_on_the_page_of_each_person(client, boss):
    team, nora = create_team(actor=boss, name="Service"), person("Nora Falk")
    page = f"/settings/teams/{team.pk}"
    assert f'<option value="{nora.pk}">' in client.get(page).content.decode()
    assert "Nora Falk is in the team." in joined(client, team, nora)
    shown = client.get(page).content.decode()
    assert f'<option value="{nora.pk}">' not in shown
    assert "Take Nora Falk out of the team" in shown
    said = client.post(f"{page}/leave", {"agent": nora.pk}, follow=True).content.decode()
    assert "Nora Falk is no longer in the team." in said
    assert not team.members.exists()
    changes = AuditEntry.objects.filter(kind="agent.teams_changed", subject_id=nora.pk).order_by("seq")
    assert [entry.words.after["teams"] for entry in changes] == [["Service"], []]


def test_a_person_put_into_a_team_keeps_the_other_teams(client, boss):
    first, second, nora = create_team(actor=boss, name="A"), create_team(actor=boss, name="B"), person()
    for team in (first, second, second):
        joined(client, team, nora)
    assert set(nora.teams.all()) == {first, second}
    client.post(f"/settings/teams/{first.pk}/leave", {"agent": nora.pk})
    assert set(nora.teams.all()) == {second}


def test_a_manager_moves_no_administrator_between_teams(client, boss):
    team = create_team(actor=boss, name="Service")
    client.force_login(person("Mona Keller", Role.MANAGER).account)
    assert f'<option value="{boss.pk}">' not in client.get(f"/settings/teams/{team.pk}").content.decode()
    assert "Your role may not do that." in joined(client, team, boss)
    assert not team.members.exists()


def test_nobody_joins_an_archived_team(client, boss):
    team, nora = create_team(actor=boss, name="Service"), person()
    archive_team(actor=boss, team=team, archived=True)
    assert "Add to the team" not in client.get(f"/settings/teams/{team.pk}").content.decode()
    assert "This team is archived. Bring it back first." in joined(client, team, nora)


@pytest.mark.parametrize("chosen", ["", "x", "0", "²", "9" * 30, "9" * 5000])
def test_nobody_is_put_into_a_team_where_nobody_was_chosen(client, boss, chosen):
    team = create_team(actor=boss, name="Service")
    answer = client.post(f"/settings/teams/{team.pk}/join", {"agent": chosen}, follow=True)
    assert "Choose somebody. Nothing was changed." in answer.content.decode()
    assert not team.members.exists()


def joined(client, team, agent) -> str:
    answer = client.post(f"/settings/teams/{team.pk}/join", {"agent": agent.pk}, follow=True)
    page: str = answer.content.decode()
    return page
