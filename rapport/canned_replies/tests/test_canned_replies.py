from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.canned_replies.actions import Wording, archive_canned_reply, create_canned_reply
from rapport.canned_replies.models import CannedReply
from rapport.canned_replies.queries import PREVIEW, filled, matching, preview
from rapport.conversations.actions.reply import Answer
from rapport.conversations.actions.start import start
from rapport.conversations.variables import fill, first_name
from rapport.customers.models import Customer
from rapport.inboxes.contract import Address
from rapport.staff.authority import NotAllowed, Refused
from rapport.staff.roles import Role
from tests import world


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{% for x in y %}",
        "${7*7}",
        "#{7*7}",
        "{customer.__class__}",
        "{customer.name!r}",
        "{0}",
        "{}",
    ],
)
def test_nothing_but_the_fixed_names_is_replaced(text):
    assert fill(text, {"customer.name": "Anna"}) == text


def test_a_value_is_text_and_is_not_read_again():
    values = {"customer.name": "{agent.name}<b>{{7*7}}", "agent.name": "Mara"}
    assert fill("<p>{customer.name} {agent.name}</p>", values) == "<p>{agent.name}&lt;b&gt;{{7*7}} Mara</p>"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<p>Hello {customer.first_name},</p>", "<p>Hello,</p>"),
        ("Hello&nbsp;{customer.first_name}!", "Hello!"),
        ("Dear {customer.name} and friends", "Dear and friends"),
    ],
)
def test_a_customer_without_a_name_was_greeted_with_a_gap(text, left):
    assert fill(text, {"customer.name": "", "customer.first_name": ""}) == left
    assert fill(text, {}) == text


@given(st.text(), st.text())
def test_a_value_never_adds_a_tag(template, name):
    assert fill(template, {"customer.name": name}).count("<") == template.count("<")


@pytest.mark.parametrize(
    ("name", "first"),
    [("Anna Berg", "Anna"), ("Berg, Anna Maria", "Anna"), ("", ""), ("  ", ""), ("Anna", "Anna")],
)
def test_first_names(name, first):
    assert first_name(name) == first


@pytest.fixture
def company(db):
    return world.build()


def canned(company, shortcut: str, **fields) -> CannedReply:
    values = {"name": shortcut.title(), "html": f"<p>{shortcut} text</p>"} | fields
    return create_canned_reply(
        actor=company.agent(Role.TEAM_LEAD), wording=Wording(shortcut=shortcut, **values)
    )


def test_the_text_is_sanitised(company):
    reply = canned(company, "hi", html="<p onclick='x()'>Hi<script>alert(1)</script></p>")
    assert "script" not in reply.html
    assert "onclick" not in reply.html


@pytest.mark.parametrize("shortcut", ["", "two words", "a/b", "x" * 41, "<b>"])
def test_a_shortcut_is_one_word(company, shortcut):
    with pytest.raises(Refused):
        canned(company, shortcut, name="A")


def test_shortcuts_come_before_names(company):
    canned(company, "return", name="A return")
    canned(company, "label", name="Return label")
    archive_canned_reply(
        actor=company.agent(Role.TEAM_LEAD), reply=canned(company, "returned", name="Old"), archived=True
    )
    assert [each.shortcut for each in matching(company.agent(), "/ret")] == ["return", "label"]


def test_brand_and_team_narrow_the_offer(company):
    canned(company, "own", team_id=company.team.pk, brand_id=company.brand.pk)
    canned(company, "foreign", team_id=company.other_team.pk)
    canned(company, "refit", brand_id=company.other_brand.pk)
    names = [each.shortcut for each in matching(company.agent(), "", brand_id=company.brand.pk)]
    assert names == ["own"]
    manager = [each.shortcut for each in matching(company.agent(Role.MANAGER), "", brand_id=company.brand.pk)]
    assert manager == ["foreign", "own"]


def test_who_may_not_write_them(company):
    with pytest.raises(NotAllowed):
        create_canned_reply(
            actor=company.agent(Role.SPECIALIST), wording=Wording(name="A", shortcut="a", html="<p>x</p>")
        )


def test_the_composer_gets_them_filled_for_its_conversation(company, client):
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    canned(
        company,
        "hi",
        html="<p>Dear {customer.first_name}, #{conversation.number} {brand.name} {agent.name}</p>",
    )
    client.force_login(company.agent().account)
    found = client.get("/canned", {"q": "hi", "conversation": conversation.number}).json()["items"]
    assert found[0]["preview"] == f"Dear Ada, #{conversation.number} Velo Nord Representative"


def test_a_conversation_out_of_reach_fills_nothing(company, client):
    conversation = world.conversation_of(
        world.receive(company.other_inbox, world.mail(to="workshop@refit.example"))
    )
    canned(company, "hi", html="<p>{customer.name}!</p>")
    client.force_login(company.agent().account)
    found = client.get("/canned", {"q": "hi", "conversation": conversation.number}).json()["items"]
    assert found[0]["preview"] == "{customer.name}!"


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 40, "١٢", "1 OR 1=1"])
def test_any_number_is_an_answer(company, client, number):
    client.force_login(company.agent().account)
    assert (
        client.get("/canned", {"q": "\x00%_'\"", "conversation": number, "brand": number}).status_code == 200
    )


def test_without_a_conversation_only_the_agent_is_filled(company):
    reply = canned(company, "hi", html="<p>{agent.name}/{customer.name}</p>")
    assert filled(reply, company.agent(), None) == "<p>Representative/{customer.name}</p>"


def test_a_canned_reply_in_a_first_message_went_out_with_a_hole(company):
    reply = canned(
        company, "refund", html="<p>Dear {customer.first_name}, reference: {conversation.number}.</p>"
    )
    agent, subject = company.agent(), "Your refund"
    for address in (Address("ada@x.example", "Ada <b>Byron"), Address("no-name@x.example")):
        answer = Answer(html=filled(reply, agent, None), to=(address,), subject=subject)
        begun = start(agent=agent, inbox=company.inbox, answer=answer)
        dear = "Dear Ada" if address.name else "Dear"
        assert begun.messages.get().html == f"<p>{dear}, reference: {begun.number}.</p>"


@pytest.mark.parametrize("spoken", ["de", "de-at"])
def test_a_german_customer_was_offered_the_french_text_first(company, client, spoken):
    conversation = world.conversation_of(world.receive(company.inbox, world.mail()))
    Customer.objects.filter(pk=conversation.customer_id).update(language=spoken)
    for shortcut, language in (("danke", "fr"), ("dank", "de"), ("dali", "")):
        canned(company, shortcut, name=f"A {shortcut}", language=language)
    client.force_login(company.agent().account)
    for typed in ("", "da", "text"):
        found = client.get("/canned", {"q": typed, "conversation": conversation.number}).json()["items"]
        assert [each["shortcut"] for each in found] == ["dank", "dali", "danke"]


def test_without_a_known_language_canned_replies_stand_by_name(company):
    canned(company, "b", language="de")
    canned(company, "a", language="fr")
    canned(company, "c")
    assert [each.shortcut for each in matching(company.agent(), "")] == ["a", "b", "c"]


@given(st.text(max_size=400))
def test_a_preview_is_one_short_line(text):
    shown = preview(escape(text))
    assert len(shown) <= PREVIEW
    assert "\n" not in shown
