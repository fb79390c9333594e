import csv
import io
import re
from dataclasses import replace

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.canned_replies.models import CannedReply
from rapport.console.csv import harmless
from rapport.conversations.models import Tag
from rapport.kernel.jobs.models import Job, State
from rapport.notifications.models import About
from rapport.notifications.queries import preferences
from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.teams import create_team
from rapport.staff.models import Agent, Brand, Team
from rapport.staff.roles import Role
from rapport.staff.tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client) -> Agent:
    agent = person("Boss Adler", Role.ADMINISTRATOR, password=None)
    client.force_login(agent.account)
    return agent


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def mail_server(settings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, smtp_url="smtp://mail.shop.example:587")


def test_somebody_is_invited_and_gets_a_place(client, boss, mail_server):
    team, brand = create_team(actor=boss, name="Returns"), create_brand(actor=boss, name="Shop")
    answer = client.post(
        "/settings/people/new",
        {
            "name": "Nora Falk",
            "address": "Nora@Shop.Example",
            "role": "specialist",
            "teams": [team.pk],
            "brands": [brand.pk],
            "language": "de",
        },
    )
    assert answer.status_code == 302
    nora = Agent.objects.get(name="Nora Falk")
    assert (nora.account.email, nora.role, nora.team_ids(), nora.brand_ids()) == (
        "nora@shop.example",
        "specialist",
        {team.pk},
        {brand.pk},
    )
    assert mail.outbox[0].to == ["nora@shop.example"]
    page = client.get("/settings/people").content.decode()
    assert "Nora Falk" in page


NORA = {"name": "Nora Falk", "address": "nora@shop.example", "role": "specialist", "language": "en"}


def shown_link(answer) -> str | None:
    found = re.search(r'value="https?://[^/"]+(/invitation/[^"]+)"', answer.content.decode())
    return found[1] if found else None


def test_an_invitation_that_no_mail_can_bring_is_shown_and_not_said_to_be_on_its_way(client, boss):
    answer = client.post("/settings/people/new", NORA)
    assert answer.status_code == 200
    assert "on its way" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    first = shown_link(answer)
    nora = Agent.objects.get(name="Nora Falk")
    again = client.post(f"/settings/people/{nora.pk}/invite")
    second = shown_link(again)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200
    assert Client().post(second, {"password": "a brand new secret 1"}).status_code == 302
    assert shown_link(client.get("/settings/people")) is None


def test_the_link_to_an_account_in_use_is_never_shown(client, boss):
    nora = person("Nora Falk", Role.SPECIALIST)
    answer = client.post(f"/settings/people/{nora.pk}/invite")
    assert answer.status_code == 302
    assert "No mail can be sent" in str(next(iter(get_messages(answer.wsgi_request))))
    assert shown_link(client.get(answer.url)) is None


def test_no_link_is_shown_to_whoever_may_not_invite(client, boss):
    client.post("/settings/people/new", NORA)
    nora = Agent.objects.get(name="Nora Falk")
    other = Client()
    other.force_login(person("Lea Lamm", Role.TEAM_LEAD, password=None).account)
    answer = other.post(f"/settings/people/{nora.pk}/invite")
    assert answer.status_code == 403
    assert shown_link(answer) is None


def test_with_a_mail_server_an_invitation_goes_by_mail_alone(client, boss, mail_server):
    answer = client.post("/settings/people/new", NORA)
    assert answer.status_code == 302
    assert shown_link(client.get(answer.url)) is None


def test_errors_stand_beside_their_field(client, boss):
    answer = client.post(
        "/settings/people/new",
        {"name": "Nora", "address": boss.account.email, "role": "specialist", "language": "en"},
    )
    assert answer.status_code == 422
    assert "already has this address" in answer.content.decode()
    assert mail.outbox == []


def test_rights_change_on_the_page_of_a_person(client, boss):
    agent = person()
    answer = client.post(f"/settings/people/{agent.pk}", {"role": "manager"})
    assert answer.status_code == 302
    agent.refresh_from_db()
    assert agent.role == "manager"
    assert "<del>Representative</del>" in client.get("/settings/audit").content.decode()


def test_a_manager_is_offered_no_administrator(client):
    manager = person("Mika Sorel", Role.MANAGER, password=None)
    client.force_login(manager.account)
    agent = person(password=None)
    assert 'value="administrator"' not in client.get(f"/settings/people/{agent.pk}").content.decode()
    assert client.post(f"/settings/people/{agent.pk}", {"role": "administrator"}).status_code == 422
    agent.refresh_from_db()
    assert agent.role == "representative"


def test_disable_and_enable(client, boss):
    agent = person(password=None)
    client.post(f"/settings/people/{agent.pk}/disable")
    agent.refresh_from_db()
    assert not agent.active
    client.post(f"/settings/people/{agent.pk}/enable")
    agent.refresh_from_db()
    assert agent.active


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


def test_saving_an_unchanged_signature_keeps_its_formatting(client, boss):
    brand = create_brand(actor=boss, name="Shop", signature_html="<p><b>Shop</b><br>Berlin</p>")
    page = client.get(f"/settings/brands/{brand.pk}")
    text = page.content.decode().partition('name="signature"')[2].partition(">")[2].partition("<")[0]
    client.post(
        f"/settings/brands/{brand.pk}",
        {"name": "Shop", "colour": "#445566", "signature": text.strip().replace("\n", "\r\n")},
    )
    brand.refresh_from_db()
    assert brand.colour == "#445566"
    assert "<b>" in brand.signature_html or "<strong>" in brand.signature_html


def test_tags_are_renamed_and_deleted(client, boss):
    client.post("/settings/tags/new", {"name": "Fragile", "colour": "#112233"})
    tag = Tag.objects.get()
    client.post(f"/settings/tags/{tag.pk}", {"name": "Broken", "colour": "#112233"})
    tag.refresh_from_db()
    assert tag.name == "broken"
    client.post(f"/settings/tags/{tag.pk}/delete")
    assert not Tag.objects.exists()


def test_canned_replies_are_made_and_archived(client, boss):
    client.post(
        "/settings/canned-replies/new", {"name": "Hello", "shortcut": "/Hi", "text": "Hello {customer.name}"}
    )
    reply = CannedReply.objects.get()
    assert reply.shortcut == "hi"
    assert "{customer.name}" in client.get(f"/settings/canned-replies/{reply.pk}").content.decode()
    client.post(f"/settings/canned-replies/{reply.pk}/archive")
    reply.refresh_from_db()
    assert reply.archived


def test_a_shortcut_is_taken_once(client, boss):
    create_canned_reply(actor=boss, wording=Wording(name="A", shortcut="hi", html="<p>x</p>"))
    answer = client.post("/settings/canned-replies/new", {"name": "B", "shortcut": "hi", "text": "y"})
    assert answer.status_code == 422


def test_the_profile_is_saved_in_its_language_and_time_zone(client, boss):
    answer = client.post(
        "/profile",
        {
            "name": "Boss Adler",
            "language": "de",
            "time_zone": "Europe/Berlin",
            "signature": "Viele Grüße\nBoss",
        },
    )
    assert answer.status_code == 302
    boss.refresh_from_db()
    assert (boss.language, boss.time_zone) == ("de", "Europe/Berlin")
    assert 'lang="de"' in client.get("/profile").content.decode()


def test_signing_out_elsewhere_keeps_this_session(client, boss):
    other = Client()
    other.force_login(boss.account)
    client.post("/profile/sign-out")
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302


def test_preferences_are_kept(client, boss):
    client.post("/profile/notifications", {"assigned-bell": "1", "mentioned-mail": "1"})
    kept = preferences(boss)
    assert (kept[About.ASSIGNED].bell, kept[About.ASSIGNED].desktop, kept[About.ASSIGNED].mail) == (
        True,
        False,
        False,
    )
    assert kept[About.MENTIONED].mail


def test_dead_letters_are_shown_with_their_reason_and_tried_again(client, boss):
    job = Job.objects.create(name="sweep", state=State.FAILED, attempts=12, last_error="the disk is full")
    assert "the disk is full" in client.get("/settings/queues").content.decode()
    client.post("/settings/queues/jobs/retry", {"id": job.pk})
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


@pytest.mark.parametrize(
    "page", ["/settings/queues/nothing/retry", "/settings/people/999999999999999999999", "/avatars/99"]
)
def test_what_does_not_exist_is_not_found(client, boss, page):
    answer = client.post(page) if page.endswith("retry") else client.get(page)
    assert answer.status_code == 404


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


def test_a_refused_page_says_so(client):
    agent = person(password=None)
    client.force_login(agent.account)
    answer = client.get("/settings/people")
    assert answer.status_code == 403
    assert "Your role does not allow" in answer.content.decode()


def test_a_missing_page_says_so(client, boss):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.parametrize("field", ["name", "address", "role", "teams", "brands", "language"])
@pytest.mark.parametrize("value", ["\x00", "<script>alert(1)</script>", "9" * 400, "{{ 7*7 }}", "\ud800"])
def test_any_value_is_an_answer(client, boss, mail_server, field, value):
    values = {"name": "Nora", "address": "nora@shop.example", "role": "manager", "language": "en"}
    data = "&".join(f"{key}={each}" for key, each in (values | {field: value}).items())
    answer = client.post(
        "/settings/people/new",
        data.encode("utf-8", "surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code in {302, 422}
    assert b"<script>alert(1)" not in client.get("/settings/people").content


def test_the_audit_log_shows_texts_and_names_not_markup_and_numbers(client, boss):
    brand = create_brand(actor=boss, name="Velo Nord")
    create_canned_reply(
        actor=boss, wording=Wording(name="Hello", shortcut="hi", html="<p>Good day</p>", brand_id=brand.pk)
    )
    page = client.get("/settings/audit").content.decode()
    assert '<span class="muted">Brand</span> <ins>Velo Nord</ins>' in page
    assert "<ins>Good day</ins>" in page
    assert '<span class="muted">Team</span>' not in page


def test_the_audit_log_says_in_words_what_changed(client, boss):
    client.post(
        "/settings/brands/new", {"name": "Shop", "colour": "#112233", "signature": "Kind regards\nShop"}
    )
    client.post(
        f"/settings/brands/{Brand.objects.get().pk}",
        {"name": "Shop", "colour": "#112233", "website": "https://x.example"},
    )
    page = client.get("/settings/audit").content.decode()
    assert "signature_html" not in page
    assert "&lt;" not in page
    assert "Kind regards" in page
    assert "Website</span> <ins>https://x.example</ins>" in page


def test_the_page_of_a_team_names_its_people(client, boss):
    team = create_team(actor=boss, name="Service")
    person(Role.SPECIALIST).teams.add(team)
    page = client.get(f"/settings/teams/{team.pk}").content.decode()
    assert f'href="/settings/people/{team.members.get().pk}"' in page


def test_what_a_choice_needs_no_more_is_marked_for_the_style_sheet(client, boss):
    from rapport.console.forms.inboxes import ConnectForm
    from rapport.console.views.inboxes import NEEDS

    assert set(NEEDS) <= set(ConnectForm.base_fields)
