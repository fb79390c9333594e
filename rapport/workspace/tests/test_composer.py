"""Writing an answer, a note or a forward: what the form offers, takes and refuses."""

import html
import re
from functools import partial

import pytest
from django.test import Client

from rapport.conversations.models import Conversation, Delivery, Note, Status
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World


def test_a_reply_by_form(client: Client, conversation: Conversation) -> None:
    answer = client.post(
        f"/conversations/{conversation.number}/reply",
        {
            "html": "<div>Tomorrow</div>",
            "to": "Ada Byron <ada@customer.example>",
            "token": "1",
            "status": "solved",
        },
        headers=SCRIPT,
    )
    assert answer.status_code == 200, answer.content
    conversation.refresh_from_db()
    assert conversation.status == Status.SOLVED
    assert Delivery.objects.get().recipients.get().address == "ada@customer.example"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"html": "", "to": "ada@customer.example", "token": "1"}, 422),
        ({"html": "x", "to": "", "token": "1"}, 422),
        ({"html": "x", "to": "not an address"}, 422),
        ({"html": "x", "to": "a@b.example\r\nBcc: all@x.example"}, 422),
    ],
)
def test_a_bad_answer_says_why_and_keeps_everything(
    client: Client, conversation: Conversation, fields: dict[str, str], status: int
) -> None:
    answer = client.post(f"/conversations/{conversation.number}/reply", fields, headers=SCRIPT)
    assert answer.status_code == status
    assert not Delivery.objects.exists()


def test_a_crossing_reply_is_stopped(client: Client, conversation: Conversation) -> None:
    receive_more = {"html": "<div>First</div>", "to": "ada@customer.example", "token": "1"}
    other = conversation.number
    assert client.post(f"/conversations/{other}/reply", receive_more, headers=SCRIPT).status_code == 200
    lead = signed_in(Agent.objects.get(role=Role.TEAM_LEAD))
    crossed = lead.post(f"/conversations/{other}/reply", receive_more, headers=SCRIPT)
    assert crossed.status_code == 409


def test_one_conversation_in_two_windows_sent_two_answers_of_one_agent(
    client: Client, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    drawn = {"to": "ada@customer.example", "token": str(conversation.last_seq)}
    send = partial(client.post, f"{here}/reply", headers=SCRIPT)
    sent = send(drawn | {"html": "<div>From the second window</div>", "nonce": "second"})
    crossed = send(drawn | {"html": "<div>From the first window</div>", "nonce": "first"})
    assert crossed.status_code == 409
    assert "From the first window" in crossed.content.decode()
    form = re.search(r'data-write="([^"]+)"', sent.content.decode())
    assert form
    unfolded = client.get(html.unescape(form[1]), headers=SCRIPT).content.decode()
    answered = re.search(r'name="answered" value="(\d+)"', unfolded)
    assert answered
    more = {"html": "<div>And one more</div>", "nonce": "third", "answered": answered[1]}
    assert send(drawn | more).status_code == 200
    read = re.search(r'name="token" value="(\d+)"', crossed.content.decode())
    assert read
    again = {"html": "<div>From the first window</div>", "nonce": "first", "token": read[1]}
    assert send(drawn | again).status_code == 409
    assert Delivery.objects.count() == 2


def test_a_note_by_form(client: Client, company: World, conversation: Conversation) -> None:
    lead = company.agent(Role.TEAM_LEAD)
    answer = client.post(
        f"/conversations/{conversation.number}/note", {"html": "Look", "mention": [lead.pk]}, headers=SCRIPT
    )
    assert answer.status_code == 200
    assert Note.objects.get().mentions.get().agent == lead


def test_a_forward_was_addressed_to_the_customer(client: Client, conversation: Conversation) -> None:
    address = f"/conversations/{conversation.number}?part=composer&mode="
    assert "ada@customer.example" in _to_field(client, f"{address}reply")
    assert "ada@customer.example" not in _to_field(client, f"{address}forward")


def _to_field(client: Client, address: str) -> str:
    return client.get(address).content.decode().partition('name="to"')[2].partition(">")[0]


@pytest.mark.parametrize(("language", "full"), [("en", "Blind copy"), ("de", "Blindkopie")])
def test_fields_for_copies_have_the_usual_short_names_and_full_ones_for_screen_readers(
    company: World, conversation: Conversation, language: str, full: str
) -> None:
    agent = company.agent()
    agent.language = language
    agent.save()
    page = signed_in(agent).get(f"/conversations/{conversation.number}?part=composer").content.decode()
    assert (
        f'<label for="composer-bcc" title="{full}">Bcc<span class="visually-hidden">, {full}</span>' in page
    )
    assert (
        f'data-show-recipients="bcc" title="{full}">Bcc<span class="visually-hidden">, {full}</span>' in page
    )


def test_a_page_carried_an_editor_that_nobody_had_opened(client: Client, conversation: Conversation) -> None:
    here = f"/conversations/{conversation.number}"
    page = client.get(here).content.decode()
    assert "<trix-editor" not in page
    for mode in ("reply", "note", "forward"):
        assert f'href="{here}?write={mode}#composer"' in page
        opened = client.get(f"{here}?write={mode}").content.decode()
        assert f'data-mode="{mode}" data-open="yes"' in opened
        assert "<noscript><textarea" in opened
    sent = client.post(f"{here}/note", {"html": "<p>Seen</p>"}, headers={"HX-Request": "true"})
    assert "<trix-editor" not in sent.content.decode()
    client.post(f"{here}/draft", {"mode": "note", "html": "<p>Begun</p>"})
    assert "<trix-editor" in client.get(here).content.decode()
