"""Writing to somebody first: in which inbox it starts, and what it offers."""

import re

from django.test import Client

from rapport.conversations.models import Conversation, Delivery, Message
from rapport.conversations.subjects import LENGTH
from rapport.inboxes.models import Inbox
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World


def test_writing_first_starts_in_the_inbox_of_ones_own_team(company: World) -> None:
    agent = company.agent()
    company.inbox.name = "Zebra"
    company.inbox.save()
    chosen = rf'value="{company.inbox.pk}"[^>]* selected'
    assert re.search(chosen, signed_in(agent).get("/new").content.decode())
    agent.teams.set([company.other_team])
    page = signed_in(company.agent()).get("/new").content.decode()
    assert re.search(rf'value="{company.other_inbox.pk}"[^>]* selected', page)


def test_writing_first_started_in_the_first_inbox_of_the_alphabet(company: World) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    zebra = Inbox.objects.create(
        name="Zebra", address="zebra@velonord.example", brand=company.other_brand, team=company.other_team
    )
    posted = {"inbox": zebra.pk, "to": "ada@customer.example", "subject": "First", "text": "Hello"}
    assert client.post("/new", posted).status_code == 302
    assert re.search(rf'value="{zebra.pk}"[^>]* selected', client.get("/new").content.decode())
    zebra.active = False
    zebra.save()
    assert re.search(rf'value="{company.inbox.pk}"[^>]* selected', client.get("/new").content.decode())


def test_writing_first_offered_no_canned_replies(client: Client) -> None:
    assert "data-canned-url" in client.get("/new").content.decode()
    assert "data-canned-url" not in client.get("/new?mode=call").content.decode()


def test_a_refused_first_mail_lost_the_words_typed_since_the_last_save(
    client: Client, company: World
) -> None:
    client.post("/new/draft", {"html": "<p>Older words</p>", "subject": "Older", "nonce": "n", "save": "1"})
    typed = {"inbox": company.inbox.pk, "nonce": "n", "html": "<p>Older words, and newer ones</p>"}
    refused = client.post("/new", {**typed, "to": "no address", "subject": "Newer", "save": "1"})
    assert refused.status_code == 422
    page = client.get("/new").content.decode()
    assert "Older words, and newer ones" in page
    assert 'value="Newer"' in page
    assert 'value="no address"' in page


def test_a_long_subject_was_cut_without_a_word(client: Client, conversation: Conversation) -> None:
    limited = f'name="subject"[^>]* maxlength="{LENGTH}"'
    assert re.search(limited, client.get("/new").content.decode())
    assert re.search(limited, client.get(f"/conversations/{conversation.number}").content.decode())


def test_a_first_mail_that_was_taken_back_showed_its_unsent_words_in_the_lists(company: World) -> None:
    client = signed_in(company.agent())
    posted = {"inbox": company.inbox.pk, "to": "ada@customer.example", "subject": "First", "text": "Unsent"}
    client.post("/new", posted)
    message = Message.objects.get()
    client.post(f"/conversations/{message.conversation.number}/messages/{message.pk}/undo")
    assert Delivery.objects.get().state == Delivery.WITHDRAWN
    assert Conversation.objects.get().preview == ""
