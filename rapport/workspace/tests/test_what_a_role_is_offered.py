"""Nobody is offered what their role may not do: the words would be refused after they were written."""

import re

import pytest
from django.test import Client

from rapport.conversations.actions.drafts import save_draft
from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.record_delivery import record_failed
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.models import Conversation, Delivery
from rapport.conversations.recipients import parse_addresses
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World

READERS = [Role.QA_ANALYST, Role.COLLABORATOR]


def pages(client: Client, conversation: Conversation) -> str:
    here = f"/conversations/{conversation.number}"
    parts = (here, f"{here}?part=composer&mode=reply", f"{here}?write=reply", f"{here}/menus/more")
    return "".join(client.get(each, headers=SCRIPT).content.decode() for each in parts)


@pytest.fixture
def conversation(company: World, conversation: Conversation) -> Conversation:
    """A conversation that every role may see, with a tag and an answer that came back."""
    agent, mentioned = company.agent(), [company.agent(Role.COLLABORATOR).pk]
    add_note(agent=agent, conversation_id=conversation.pk, html="Look?", mentioned_ids=mentioned)
    change_tags(agent=agent, conversation_id=conversation.pk, add=["bell"])
    answer = Answer(html="<p>Yes</p>", to=parse_addresses(["ada@customer.example"]))
    reply(agent=agent, conversation_id=conversation.pk, answer=answer)
    Delivery.objects.update(state="running")
    record_failed(delivery=Delivery.objects.get(), reason="550 no such user")
    return Conversation.objects.get()


@pytest.mark.parametrize("role", READERS)
def test_a_whole_answer_was_written_that_the_role_may_not_send(
    company: World, conversation: Conversation, role: Role
) -> None:
    shown = pages(signed_in(company.agent(role)), conversation)
    assert 'data-tab="note"' in shown
    assert 'data-mode="note"' in shown
    base = f"/conversations/{conversation.number}"
    acts = ("spam", "delete", "status", "kind", "subject")
    for offered in (
        'data-tab="reply"',
        'data-tab="forward"',
        'name="to"',
        f'formaction="{base}/forward"',
        *(f'action="{base}/{act}"' for act in acts),
        'name="remove"',
        "/menus/assign",
        "/retry",
    ):
        assert offered not in shown, offered
    assert f'action="{base}/follow"' in shown


def keys_of(agent: Agent) -> set[str]:
    sheet = signed_in(agent).get("/shortcuts").content.decode()
    return set(re.findall(r'<kbd class="kbd">([^<]*)</kbd>', sheet))


def test_the_sheet_listed_keys_of_acts_that_the_role_may_not_do(company: World) -> None:
    every = {"r", "f", "z", "a", "s", "e", "t", "p", "h", "b", "#", "x", "c", "D", "m", "n", "w", "u", "g"}
    assert every <= keys_of(company.agent(Role.TEAM_LEAD))
    assert keys_of(company.agent(Role.TEAM_LEAD)) - keys_of(company.agent(Role.REPRESENTATIVE)) == {"D"}
    assert every & keys_of(company.agent(Role.QA_ANALYST)) == {"m", "n", "w", "u", "g", "t"}
    assert every & keys_of(company.agent(Role.COLLABORATOR)) == {"m", "n", "w", "u"}


def test_the_key_that_takes_back_was_said_to_take_back_sendings_only(company: World) -> None:
    sheet = signed_in(company.agent()).get("/shortcuts").content.decode()
    assert "Undo the last act" in sheet
    assert "Undo sending" not in sheet


def test_the_key_that_opens_was_called_by_the_name_of_a_status(company: World) -> None:
    agent = company.agent()
    agent.language = "de"
    agent.save()
    sheet = signed_in(agent).get("/shortcuts").content.decode()
    assert "<dd>Öffnen</dd>" in sheet
    assert "<dd>Offen</dd>" not in sheet


@pytest.mark.parametrize("role", Role)
def test_rows_were_chosen_by_whom_may_do_nothing_to_them(company: World, role: Role) -> None:
    agent = company.agent(role)
    shown = signed_in(agent).get("/inbox/mentions").content.decode()
    assert ("data-bulk" in shown) == agent.can(Permission.ORGANISE)


@pytest.mark.parametrize("role", Role)
def test_a_list_of_ones_own_was_offered_to_whom_nothing_can_be_given(company: World, role: Role) -> None:
    agent = company.agent(role)
    client = signed_in(agent)
    shown = client.get("/", follow=True).content.decode()
    assert ('data-view="mine"' in shown) == agent.can(Permission.REPLY)
    assert (client.get("/inbox/mine").status_code == 200) == agent.can(Permission.REPLY)


def test_who_may_not_change_a_person_got_a_form_in_grey(company: World, conversation: Conversation) -> None:
    person = conversation.customer
    person.language, person.notes = "nl", "Calls on Mondays"
    person.save()
    address = f"/customers/{person.pk}"
    shown = signed_in(company.agent(Role.QA_ANALYST)).get(address).content.decode()
    for words in ("<dd>Ada Byron</dd>", "<dd>Dutch</dd>", "Calls on Mondays</dd>"):
        assert words in shown
    assert 'name="notes"' not in shown
    assert 'name="notes"' in signed_in(company.agent()).get(address).content.decode()


@pytest.mark.parametrize("role", READERS)
def test_the_draft_of_an_answer_from_before_is_not_offered(
    company: World, conversation: Conversation, role: Role
) -> None:
    save_draft(agent=company.agent(role), conversation=conversation, kind="reply", html="Half")
    shown = signed_in(company.agent(role)).get(f"/conversations/{conversation.number}").content.decode()
    assert "Half" not in shown


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD])
def test_who_answers_is_offered_everything_but_what_needs_more(
    company: World, conversation: Conversation, role: Role
) -> None:
    shown = pages(signed_in(company.agent(role)), conversation)
    for offered in ('data-tab="reply"', 'data-tab="forward"', "/menus/assign", "/spam", "/retry"):
        assert offered in shown, offered
    assert (f'action="/conversations/{conversation.number}/delete"' in shown) == (role is Role.TEAM_LEAD)
