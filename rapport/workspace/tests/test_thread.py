"""What the thread of a conversation shows, and how it says what happened."""

import re

from django.db import transaction
from django.test import Client

from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.kinds import StatusChanged
from rapport.conversations.models import Conversation, Message, Status
from rapport.conversations.timeline import append
from rapport.kernel.stream.append import SYSTEM
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, mail, receive


def test_the_thread_shows_the_words(client: Client, conversation: Conversation) -> None:
    assert "where is my parcel?" in client.get(f"/conversations/{conversation.number}").content.decode()


def test_an_address_in_our_own_words_was_no_link(
    client: Client, company: World, conversation: Conversation
) -> None:
    here = f"/conversations/{conversation.number}"
    answer = {"html": "<div>See https://a.example/x.</div>", "to": "ada@customer.example"}
    client.post(f"{here}/reply", answer | {"token": Conversation.objects.get().last_seq})
    client.post(f"{here}/note", {"html": "<div>Look at https://b.example/?a=1&amp;b=2 first</div>"})
    page = client.get(here).content.decode()
    for address in ("https://a.example/x", "https://b.example/?a=1&amp;b=2"):
        assert f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">' in page
    assert "<a" not in Message.objects.get(direction="out").html


def test_who_was_mentioned_in_a_note_was_not_marked(company: World, conversation: Conversation) -> None:
    robin, mara = company.agent(Role.REPRESENTATIVE), company.agent(Role.SPECIALIST)
    robin.name, mara.name = "Robin", "Robin O'Hara <3"
    robin.save()
    mara.save()
    add_note(
        agent=company.agent(Role.TEAM_LEAD),
        conversation_id=conversation.pk,
        html="<div>@Robin O'Hara\u00a0&lt;3 and @Robin, not @Team Lead: https://a.example/@Robin</div>",
        mentioned_ids=[robin.pk, mara.pk],
    )
    page = signed_in(mara).get(f"/conversations/{conversation.number}").content.decode()
    assert re.findall(r'<span class="mention"([^>]*)>(.+?)</span>', page.replace("\u00a0", "&nbsp;")) == [
        (" data-me", "@Robin O'Hara&nbsp;&lt;3"),
        ("", "@Robin"),
    ]
    assert ">https://a.example/@Robin</a>" in page


def test_the_original_is_shown_in_a_sandbox(client: Client, conversation: Conversation) -> None:
    message = Message.objects.get()
    answer = client.get(f"/conversations/{conversation.number}/messages/{message.pk}/original")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_what_was_before_a_long_thread_is_one_click_away(client: Client, conversation: Conversation) -> None:
    agent = Agent.objects.get(role=Role.ADMINISTRATOR)
    for number in range(70):
        add_note(agent=agent, conversation_id=conversation.pk, html=f"<p>note {number}</p>")
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert "where is my parcel?" not in page.partition("data-timeline")[2].partition("data-thread-end")[0]
    before = page.partition(f"/conversations/{conversation.number}/entries?before=")[2].partition('"')[0]
    entries = client.get(f"/conversations/{conversation.number}/entries?before={before}").content.decode()
    assert "where is my parcel?" in entries
    assert "entries?before=" not in entries
    plain = client.get(f"/conversations/{conversation.number}?before={before}").content.decode()
    assert "where is my parcel?" in plain


def test_what_rapport_does_by_itself_is_said_in_whole_sentences(
    client: Client, conversation: Conversation
) -> None:
    with transaction.atomic():
        change = StatusChanged(status=Status.OPEN, before=Status.WAITING)
        append(conversation, "status.changed", change, actor=SYSTEM)
    page = client.get(f"/conversations/{conversation.number}/entries?after=0").content.decode()
    assert "<strong>Rapport</strong> set the status to “Open”" in page


def test_the_customer_who_wrote_again_was_said_to_set_the_status(
    client: Client, company: World, conversation: Conversation
) -> None:
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.SOLVED)
    theirs = Message.objects.get().identity
    receive(company.inbox, mail(text="Once more", In_Reply_To=theirs))
    page = client.get(f"/conversations/{conversation.number}/entries?after=0").content.decode()
    assert "reopened this by writing" in page
    assert "set the status to “Open”" not in page


def test_an_agent_who_ended_a_snooze_was_followed_by_a_sentence_of_its_own(
    client: Client, conversation: Conversation
) -> None:
    place = f"/conversations/{conversation.number}"
    client.post(f"{place}/snooze", {"until": "tomorrow"})
    client.post(f"{place}/snooze", {"until": ""})
    page = client.get(f"{place}/entries?after=0").content.decode()
    assert "</strong> ended the snooze" in page
    assert "The snooze ended" not in page
