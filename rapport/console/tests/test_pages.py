import csv
import io
import re
from dataclasses import replace
from html import escape

import lxml.html
import pytest
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.canned_replies.models import CannedReply
from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.edit_tag import create_tag
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.tag import set_tags
from rapport.conversations.models import Delivery, Tag
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.models import Inbox
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.jobs.worker import drain
from rapport.kernel.web.csv import harmless
from rapport.notifications.models import About
from rapport.notifications.queries import preferences
from rapport.staff.actions.brands import create_brand
from rapport.staff.actions.teams import create_team
from rapport.staff.models import Agent, Brand, Team
from rapport.staff.roles import Role
from rapport.staff.tests.people import person
from tests import world
from tests.world import conversation_of, receive
from tests.world import mail as mail_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client) -> Agent:
    agent = person("Boss Adler", Role.ADMINISTRATOR, password=None)
    client.force_login(agent.account)
    return agent


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


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


def test_somebody_was_invited_to_an_empty_desk(client, boss):
    team, brand = create_team(actor=boss, name="Returns"), create_brand(actor=boss, name="Shop")

    def invited(role: str, **place: object) -> bool:
        address = f"{role}-{len(place)}@shop.example"
        given = NORA | {"role": role, "address": address} | place
        answer = client.post("/settings/people/new", given)
        assert ("Choose a team" in answer.content.decode()) is (answer.status_code == 422)
        return bool(answer.status_code == 200)

    assert not invited("representative")
    assert not invited("representative", brands=[brand.pk])
    assert invited("representative", teams=[team.pk])
    assert not invited("specialist")
    assert invited("specialist", brands=[brand.pk])
    assert invited("manager")
    assert invited("collaborator")


def test_the_name_of_a_person_could_not_be_mended(client, boss):
    nora = person("Nora Flak")
    answer = client.post(f"/settings/people/{nora.pk}", {"name": "Nora Falk", "role": nora.role})
    nora.refresh_from_db()
    assert (answer.status_code, nora.name) == (302, "Nora Falk")
    assert client.post(f"/settings/people/{nora.pk}", {"name": " ", "role": nora.role}).status_code == 422
    nora.refresh_from_db()
    assert nora.name == "Nora Falk"


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
    answer = client.post(f"/settings/people/{agent.pk}", {"name": agent.name, "role": "manager"})
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
    posted = {"name": "Shop", "colour": "#445566", **signature_fields(page)}
    client.post(f"/settings/brands/{brand.pk}", posted)
    brand.refresh_from_db()
    assert (brand.colour, brand.signature_html) == ("#445566", "<p><b>Shop</b><br>Berlin</p>")


def test_without_scripts_an_edited_signature_is_what_was_typed(client, boss):
    brand = create_brand(actor=boss, name="Shop", signature_html="<p><b>Shop</b><br>Berlin</p>")
    posted = signature_fields(client.get(f"/settings/brands/{brand.pk}")) | {"signature": "Shop & Co\r\nBonn"}
    client.post(f"/settings/brands/{brand.pk}", {"name": "Shop", "colour": "#445566", **posted})
    brand.refresh_from_db()
    assert brand.signature_html == "<p>Shop &amp; Co<br>Bonn</p>"


def signature_fields(page) -> dict[str, str]:
    """Return what a browser without scripts sends back of a signature that nobody touched."""
    form = lxml.html.fromstring(page.content.decode()).xpath("//form[.//textarea[@name='signature']]")[0]
    return {name: str(form.fields[name]) for name in ("signature", "signature-html")}


@pytest.mark.parametrize("scripts", [True, False])
def test_no_script_survives_in_a_formatted_signature_or_canned_reply(client, boss, scripts):
    hostile = "<p onclick='x()'><b>Shop</b><script>x()</script><img src=x onerror=x()></p>"
    field = "{}-html" if scripts else "{}"
    kind = {field.format("signature"): hostile}
    client.post("/settings/brands/new", {"name": "Shop", "colour": "#112233", **kind})
    client.post("/profile", {"name": "Boss", "language": "en", "time_zone": "UTC", **kind})
    client.post(
        "/settings/canned-replies/new", {"name": "Hi", "shortcut": "hi", field.format("text"): hostile}
    )
    boss.refresh_from_db()
    stored = (Brand.objects.get().signature_html, boss.signature_html, CannedReply.objects.get().html)
    expected = "<p><b>Shop</b></p>" if scripts else f"<p>{escape(hostile, quote=False)}</p>"
    for html in stored:
        assert html == expected


def test_a_canned_reply_needs_words(client, boss):
    empty = {"name": "Hi", "shortcut": "hi", "text-html": "<p><br></p>"}
    answer = client.post("/settings/canned-replies/new", empty)
    assert answer.status_code == 422
    assert not CannedReply.objects.exists()


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


def test_a_misspelt_variable_went_raw_to_the_customer(client, boss):
    given = {"name": "Hi", "shortcut": "hi", "text-html": "<div>Hello {customer.nam} {unclosed</div>"}
    answer = client.post("/settings/canned-replies/new", given)
    assert (answer.status_code, "{customer.nam} is none of" in answer.content.decode()) == (422, True)
    good = given | {"text-html": "<div>{customer.name}: {&quot;a&quot;: 1} { }</div>"}
    assert client.post("/settings/canned-replies/new", good).status_code == 302
    brand = create_brand(actor=boss, name="Shop")
    given = {"name": "Shop", "colour": "#445566", "signature-html": "<div>{nonsense}</div>"}
    answer = client.post(f"/settings/brands/{brand.pk}", given)
    assert (answer.status_code, "{nonsense} is no variable" in answer.content.decode()) == (422, True)


def test_the_last_of_two_tabs_overwrote_a_colleagues_canned_reply(client, boss):
    reply = create_canned_reply(actor=boss, wording=Wording(name="Hi", shortcut="hi", html="<p>One</p>"))
    address, token = f"/settings/canned-replies/{reply.pk}", r'name="seen" value="(\w+)"'
    first = re.search(token, client.get(address).content.decode())[1]

    def save(text: str, seen: str):
        given = {"name": "Hi", "shortcut": "hi", "text-html": f"<p>{text}</p>", "seen": seen}
        return client.post(address, given)

    assert save("Two", first).status_code == 302
    refused = save("Three", first)
    assert (refused.status_code, "It now says: Two" in refused.content.decode()) == (422, True)
    again = re.search(token, refused.content.decode())[1]
    assert save("Three", again).status_code == 302
    reply.refresh_from_db()
    assert "Three" in reply.html


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


def test_the_first_words_after_another_language_was_chosen_were_in_the_former_one(client, boss):
    words = {"name": "Boss Adler", "language": "de", "time_zone": "Europe/Berlin"}
    page = client.post("/profile", words, follow=True).content.decode()
    assert "Gespeichert." in page
    assert "Saved." not in page


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


def test_the_reason_of_a_dead_letter_was_english_for_everybody(client, boss):
    Job.objects.create(name="a_job_of_tomorrow")
    drain(["jobs"])
    Agent.objects.filter(pk=boss.pk).update(language="de")
    page = client.get("/settings/queues").content.decode()
    assert "Keine Arbeit heißt a_job_of_tomorrow." in page


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


def test_a_mail_that_was_given_up_had_no_button_to_try_it_again(client):
    company = world.build()
    client.force_login(company.agent(Role.ADMINISTRATOR).account)
    conversation = conversation_of(receive(company.inbox, mail_to()))
    answer = Answer(html="<div>Yes</div>", to=parse_addresses(["ada@customer.example"]))
    reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state=State.FAILED, attempts=5)
    page = client.get("/settings/queues").content.decode()
    assert f'name="id" value="{delivery.pk}"' in page
    client.post("/settings/queues/delivery/retry", {"id": delivery.pk})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.QUEUED, 0)


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


def test_a_refused_role_left_the_new_name_behind(client, boss):
    answer = client.post(f"/settings/people/{boss.pk}", {"name": "Other", "role": "representative"})
    assert answer.status_code == 422
    boss.refresh_from_db()
    assert (boss.name, boss.role) == ("Boss Adler", "administrator")


def test_two_factor_sign_in_is_switched_off_on_the_page_of_a_person(client, boss):
    agent = person()
    here = f"/settings/people/{agent.pk}"
    assert f"{here}/two-factor-off" not in client.get(here).content.decode()
    Authenticator.objects.create(user=agent.account, type=Authenticator.Type.TOTP, data={})
    assert f'href="{here}/two-factor-off"' in client.get(here).content.decode()
    assert "told by mail" in client.get(f"{here}/two-factor-off").content.decode()
    assert Authenticator.objects.exists()
    assert client.post(f"{here}/two-factor-off").url == here
    assert not Authenticator.objects.exists()


def test_a_manager_was_offered_what_only_administrators_may_do(client, boss):
    manager = person("Mika Sorel", Role.MANAGER, password=None)
    client.force_login(manager.account)
    page = client.get(f"/settings/people/{boss.pk}").content.decode()
    assert "Only an administrator changes" in page
    for act in ("invite", "sign-out", "disable", "two-factor-off"):
        assert f"/settings/people/{boss.pk}/{act}" not in page
    assert 'type="submit"' not in page[page.index("<main") : page.index("</main")]
    assert (
        f"/settings/people/{manager.pk}/disable"
        not in client.get(f"/settings/people/{manager.pk}").content.decode()
    )
