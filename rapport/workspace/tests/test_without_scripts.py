"""What a browser without scripts is told of an act: on the page that it comes back to, with the undo."""

import html
import re

import pytest
from django.test import Client

from rapport.conversations.actions.tag import change_tags
from rapport.conversations.models import Conversation, Delivery, Message, Status
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, mail, receive


def told(client: Client, address: str, fields: dict[str, str]) -> str:
    """Post a plain form, and return what the page says that comes of it."""
    page = client.post(address, fields, follow=True)
    assert page.status_code == 200
    found = re.search(
        r'<div class="messages" role="status">(.*?)</div></div></div>', page.content.decode(), re.DOTALL
    )
    return found[1] if found else ""


def pressed(client: Client, said: str) -> str:
    """Press the undo that a page offers, and return what the next one says."""
    form = re.search(r'<form class="notice__actions" method="post" action="([^"]+)">(.*?)</form>', said)
    assert form is not None
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form[2])
    return told(client, form[1], {name: html.unescape(value) for name, value in fields})


@pytest.mark.parametrize(
    ("act", "fields", "words"),
    [
        ("status", {"status": "solved"}, "Solved"),
        ("assign", {"team": "other"}, "Assigned to Workshop"),
        ("snooze", {"until": "week"}, "Snoozed until"),
        ("tags", {"add_new": "<front> light"}, "Tagged “&lt;front&gt; light”"),
        ("spam", {}, "Marked as spam"),
        ("delete", {}, "Deleted"),
    ],
)
def test_an_act_without_scripts_said_nothing_and_could_not_be_taken_back(
    client: Client, company: World, conversation: Conversation, act: str, fields: dict[str, str], words: str
) -> None:
    columns = ("status", "team", "tag_names", "snoozed_until", "folder", "spam", "deleted_at")
    before = Conversation.objects.values(*columns).get()
    if "team" in fields:
        fields = {"team": str(company.other_team.pk)}
    said = told(client, f"/conversations/{conversation.number}/{act}", fields)
    assert words in said
    assert Conversation.objects.values(*columns).get() != before
    assert "Taken back." in pressed(client, said)
    assert Conversation.objects.values(*columns).get() == before


def test_an_undo_that_takes_two_requests_was_offered_by_half(
    client: Client, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/snooze", {"until": "week"}, follow=True)
    said = told(client, f"{here}/status", {"status": "solved"})
    assert "Solved" in said
    assert "<form" not in said


def test_what_was_said_once_is_not_said_again(client: Client, conversation: Conversation) -> None:
    here = f"/conversations/{conversation.number}"
    assert told(client, f"{here}/status", {"status": "solved"})
    assert 'class="messages"' not in client.get(here).content.decode()


def test_a_part_of_the_page_swallowed_what_the_page_had_to_say(
    client: Client, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/status", {"status": "solved"})
    client.get(f"{here}?part=header")
    client.get(f"{here}/entries?after=0")
    assert "Solved" in client.get(here).content.decode().partition('class="messages"')[2][:400]


def test_without_scripts_nobody_heard_that_a_colleague_was_faster(
    client: Client, company: World, conversation: Conversation
) -> None:
    here, seen = f"/conversations/{conversation.number}", str(conversation.last_seq)
    signed_in(company.agent(Role.MANAGER)).post(f"{here}/status", {"status": "on_hold"})
    said = told(client, f"{here}/status", {"status": "solved", "token": seen})
    assert "Somebody was faster. Nothing was changed" in said
    assert "set the status to “On hold”" in said
    assert Conversation.objects.get().status == Status.ON_HOLD


def test_without_scripts_an_undo_that_came_too_late_said_nothing(
    client: Client, company: World, conversation: Conversation
) -> None:
    said = told(client, f"/conversations/{conversation.number}/tags", {"add": "bell"})
    change_tags(agent=company.agent(), conversation_id=conversation.pk, remove=["bell"])
    change_tags(agent=company.agent(), conversation_id=conversation.pk, add=["bell"])
    assert "Somebody else has changed this meanwhile. Nothing was taken back." in pressed(client, said)
    assert Conversation.objects.get().tag_names == ["bell"]


def test_without_scripts_a_refusal_was_a_page_of_bare_words(
    client: Client, conversation: Conversation
) -> None:
    said = told(client, f"/conversations/{conversation.number}/snooze", {"until_at": "2001-01-01T00:00"})
    assert 'data-kind="danger"' in said
    assert "This time is past. Nothing was changed." in said


def test_without_scripts_nobody_heard_where_a_conversation_went(
    company: World, conversation: Conversation
) -> None:
    client = signed_in(company.agent())
    given = {"team": str(company.other_team.pk)}
    said = told(client, f"/conversations/{conversation.number}/assign", given)
    assert "Assigned to Workshop. You can no longer see this conversation." in said


def test_without_scripts_taking_back_an_answer_said_nothing(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    undo = f"{here}/messages/{conversation.messages.latest('pk').pk}/undo"
    signed_in(company.agent(Role.MANAGER)).post(f"{here}/status", {"status": "on_hold"})
    assert "has set the status to “On hold” meanwhile; that stays." in told(client, undo, {})
    client.post(f"{here}/reply", {"text": "Now", "to": "ada@customer.example", "token": "99"})
    undo = f"{here}/messages/{conversation.messages.latest('pk').pk}/undo"
    Delivery.objects.filter(state="queued").update(state="sending")
    assert "Too late: it is being sent or was sent." in told(client, undo, {})


def test_without_scripts_an_answer_led_to_a_place_that_is_not_on_the_page(
    client: Client, conversation: Conversation
) -> None:
    sent = {"text": "Soon", "to": "ada@customer.example", "token": "9"}
    answer = client.post(f"/conversations/{conversation.number}/reply", sent)
    page, _, place = answer["Location"].partition("#")
    thread, found, _ = client.get(page).content.decode().partition(f'id="{place}"')
    assert found
    assert "data-undo-form" in thread


def test_the_undo_of_a_page_carries_what_django_asks_of_a_form(
    company: World, conversation: Conversation
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.agent().account)
    here = f"/conversations/{conversation.number}"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(here).content.decode())
    assert token is not None
    said = told(client, f"{here}/status", {"status": "solved", "csrfmiddlewaretoken": token[1]})
    assert "Taken back." in pressed(client, said)


def test_without_scripts_nobody_heard_what_became_of_a_delivery(
    client: Client, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    delivery = Delivery.objects.get()
    message = f"{here}/messages/{delivery.message_id}"
    for act, fields, words in (
        ("retry", {}, "It is sent again as soon as possible."),
        ("address", {"address": "ada@newer.example"}, "It goes to the new address now."),
        ("address", {"address": "nobody"}, "This is no mail address. Nothing was changed."),
        ("skip", {}, "It is no longer sent."),
        ("retry", {}, "It is being sent or was sent already."),
    ):
        assert words in told(client, f"{message}/{act}", fields)
        if act != "skip":
            Delivery.objects.update(state="failed")
            delivery.recipients.update(state="refused")


def test_without_scripts_nobody_heard_that_an_address_was_accepted(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    client.post(f"{here}/reply", {"text": "Soon", "to": "ada@customer.example", "token": "9"})
    sent = conversation.messages.get(direction="out")
    raw = receive(company.inbox, mail(sender="eve@else.example", text="Me too", In_Reply_To=sent.identity))
    doubted = Message.objects.get(raw=raw)
    assert "The address is accepted." in told(client, f"{here}/messages/{doubted.pk}/accept", {})


@pytest.mark.parametrize("given", ["agent", "team"])
def test_a_conflict_about_assigning_named_nobody(
    client: Client, company: World, conversation: Conversation, given: str
) -> None:
    here, seen = f"/conversations/{conversation.number}", str(conversation.last_seq)
    other = company.agent(Role.SPECIALIST) if given == "agent" else company.other_team
    signed_in(company.agent(Role.MANAGER)).post(f"{here}/assign", {given: str(other.pk)})
    fields = {"agent": str(company.agent().pk), "token": seen}
    answer = client.post(f"{here}/assign", fields, headers=SCRIPT)
    assert answer.status_code == 409
    words = "gave this to Specialist" if given == "agent" else "gave this to the team Workshop"
    assert words in answer.content.decode()
