"""Writing to somebody first: in which inbox it starts, and what it offers."""

import re
from html import unescape

import pytest
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


CALL = {
    "mode": "call",
    "html": "<p>She shouts at everybody</p>",
    "subject": "Call",
    "nonce": "n",
    "save": "1",
}
CALLER = {"name": "Kurt", "phone": "040 12345", "minutes": "12", "direction": "out", "to": "kurt@c.example"}
KEPT_CALL = (
    'value="Kurt"', 'value="040 12345"', 'value="12"', '<option value="out" selected',
    'value="kurt@c.example"', "She shouts at everybody",
)  # fmt: skip


@pytest.mark.parametrize("kept_by", ["saving", "a refusal"])
def test_the_words_of_a_call_stood_ready_to_be_sent_to_the_customer(
    client: Client, company: World, kept_by: str
) -> None:
    if kept_by == "saving":
        assert client.post("/new/draft", CALL | CALLER).status_code == 200
    else:
        refused = client.post("/new", CALL | CALLER | {"phone": "040 12345", "to": "no address"})
        assert refused.status_code == 422
    page = client.get("/new").content.decode()
    for internal in ("She shouts at everybody", "kurt@c.example", "no address", 'value="Call"'):
        assert internal not in page
    assert "She shouts at everybody" in client.get("/new?mode=call").content.decode()


def test_a_first_mail_that_was_begun_stood_in_the_form_of_a_call(client: Client) -> None:
    client.post("/new/draft", {"mode": "mail", "html": "<p>Dear Ada</p>", "subject": "First"})
    client.post("/new/draft", CALL | CALLER)
    assert "Dear Ada" not in client.get("/new?mode=call").content.decode()
    assert "Dear Ada" in client.get("/new").content.decode()


def test_who_called_and_how_long_was_lost_with_a_call_that_was_begun(client: Client) -> None:
    client.post("/new/draft", CALL | CALLER)
    page = client.get("/new?mode=call").content.decode()
    for kept in KEPT_CALL:
        assert kept in page


def test_a_call_of_which_only_the_number_is_known_was_not_kept(client: Client) -> None:
    client.post("/new/draft", {"mode": "call", "phone": "040 12345", "html": ""})
    assert 'value="040 12345"' in client.get("/new?mode=call").content.decode()
    client.post("/new/draft", {"mode": "call", "phone": "", "html": "", "direction": "in"})
    assert 'value="040 12345"' not in client.get("/new?mode=call").content.decode()


def test_logging_a_call_dropped_the_first_mail_that_was_begun(client: Client, company: World) -> None:
    mail = {"mode": "mail", "html": "<p>Dear Ada</p>", "subject": "First", "to": "ada@customer.example"}
    client.post("/new/draft", mail)
    client.post("/new/draft", CALL | CALLER)
    assert client.post("/new", CALL | CALLER | {"inbox": company.inbox.pk}).status_code == 302
    assert "She shouts" not in client.get("/new?mode=call").content.decode()
    assert "Dear Ada" in client.get("/new").content.decode()
    client.post("/new/draft", CALL | CALLER | {"nonce": "another"})
    client.post("/new", mail | {"inbox": company.inbox.pk})
    assert "Dear Ada" not in client.get("/new").content.decode()
    assert "She shouts" in client.get("/new?mode=call").content.decode()


def test_a_page_did_not_say_that_it_goes_on_with_what_was_begun(client: Client) -> None:
    call, mail = "This call was begun earlier", "This mail was begun earlier"
    for mode in ("mail", "call"):
        assert "was begun earlier" not in client.get(f"/new?mode={mode}").content.decode()
    client.post("/new/draft", CALL | CALLER)
    assert "was begun earlier" not in client.get("/new").content.decode()
    client.post("/new/draft", {"mode": "mail", "html": "<p>Dear Ada</p>"})
    for mode, words in (("mail", mail), ("call", call)):
        assert words in unescape(client.get(f"/new?mode={mode}").content.decode())
