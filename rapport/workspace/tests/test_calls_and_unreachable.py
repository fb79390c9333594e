"""Calls of people without a mail address, and answers that would reach nobody."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from rapport.conversations.actions.drafts import attach
from rapport.conversations.models import Attachment, Conversation, Delivery, Draft, Entry, Message, Note
from rapport.customers.models import Customer, CustomerEntry, Identity
from rapport.inboxes.registry import channel
from rapport.kernel.web.filters import file_size
from rapport.staff.models import Agent
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive

WORDS = "<p>Asked for the price.</p>"


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent())


def call(company: World, **fields: object) -> dict[str, object]:
    return {"mode": "call", "inbox": company.inbox.pk, "html": WORDS, "minutes": "4", **fields}


def test_a_call_of_somebody_without_a_mail_address_could_not_be_logged(
    client: Client, company: World
) -> None:
    answer = client.post("/new", call(company, name="Kurt Ohnenetz", phone="+49 (0)40 / 123-45"))
    conversation = Conversation.objects.get()
    assert answer.url == f"/conversations/{conversation.number}"  # type: ignore[attr-defined]
    assert (conversation.customer.name, conversation.identity) == ("Kurt Ohnenetz", None)
    assert Identity.objects.get().value == "+494012345"
    panel = client.get(f"{answer.url}/panel").content.decode()  # type: ignore[attr-defined]
    assert "Kurt Ohnenetz" in panel
    assert "+494012345" in panel


def test_the_same_number_calls_again_and_is_the_same_person(client: Client, company: World) -> None:
    for typed in ("040 12345", "040-123 45"):
        client.post("/new", call(company, phone=typed))
    assert Customer.objects.count() == 1
    assert Conversation.objects.count() == 2


def test_a_name_alone_is_enough_and_nobody_is_recognised_by_it(client: Client, company: World) -> None:
    for _ in range(2):
        assert client.post("/new", call(company, name="Frau Klein")).status_code == 302
    assert Customer.objects.filter(name="Frau Klein").count() == 2


def test_a_number_beside_an_address_is_kept_with_the_person(client: Client, company: World) -> None:
    client.post("/new", call(company, to="ada@customer.example", phone="040 12345"))
    assert {each.kind for each in Customer.objects.get().identities.all()} == {"email", "phone"}


@pytest.mark.parametrize(
    ("fields", "words"), [({}, "Say who called"), ({"phone": "later"}, "no phone number")]
)
def test_a_call_of_nobody_is_refused_and_makes_nobody(
    client: Client, company: World, fields: dict[str, str], words: str
) -> None:
    answer = client.post("/new", call(company, **fields))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Customer.objects.exists()


def test_a_caller_without_an_address_is_answered_only_where_one_is_entered(
    client: Client, company: World
) -> None:
    client.post("/new", call(company, name="Kurt"))
    conversation = Conversation.objects.get()
    base = f"/conversations/{conversation.number}"
    posted = {"html": "<p>Hello</p>", "to": "", "token": str(conversation.last_seq)}
    answer = client.post(f"{base}/reply", posted, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "No mail address of this customer is known" in unescape(answer.content.decode())
    sent = {"html": "<p>Hello</p>", "to": "kurt@c.example", "token": str(conversation.last_seq)}
    assert client.post(f"{base}/reply", sent).status_code == 302
    assert Message.objects.get().to == [{"address": "kurt@c.example", "name": ""}]


def test_a_no_reply_address_was_called_no_mail_address(client: Client, company: World) -> None:
    raw = receive(company.inbox, mail(sender="Shop <no-reply@shop.example>"))
    conversation = conversation_of(raw)
    base = f"/conversations/{conversation.number}"
    posted = {"html": "<p>Hello</p>", "to": "", "token": str(conversation.last_seq)}
    answer = client.post(f"{base}/reply", posted, headers={"HX-Request": "true"})
    words = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "no-reply@shop.example is a no-reply address, which nobody reads. Enter another one" in words


def test_readdressing_to_a_no_reply_address_says_that_nobody_reads_it(
    client: Client, company: World, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    sent = {"html": "<p>Hello</p>", "to": "ada@customer.example", "token": str(conversation.last_seq)}
    client.post(f"{base}/reply", sent)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="failed")
    delivery.recipients.update(state="refused")
    answer = client.post(
        f"{base}/messages/{delivery.message_id}/address",
        {"address": "noreply@shop.example", "recipient": ""},
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, "which nobody reads" in answer.content.decode()) == (400, True)


def test_refusals_were_english_for_german_readers(
    company: World, client: Client, conversation: Conversation
) -> None:
    Agent.objects.update(language="de")
    base = f"/conversations/{conversation.number}"
    posted = {"html": "<p>Hallo</p>", "to": company.inbox.address, "token": str(conversation.last_seq)}
    answer = client.post(f"{base}/reply", posted, headers={"HX-Request": "true"})
    assert "ist dieser Eingang selbst" in unescape(answer.content.decode())


def test_a_refused_first_message_loses_nothing_that_was_typed(client: Client, company: World) -> None:
    agent = company.agent()
    file = attach(agent=agent, content=b"x", name="offer.txt", content_type="text/plain")
    posted = {
        "mode": "mail", "inbox": company.inbox.pk, "to": "ada@customer.example, wrong", "cc": "cc@c.example",
        "bcc": "bcc@c.example", "subject": "An offer", "html": "<p>Words</p>", "text": "Plain words",
        "file": str(file.pk),
    }  # fmt: skip
    answer = client.post("/new", posted)
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    for kept in ("ada@customer.example, wrong", "cc@c.example", "bcc@c.example", "An offer", "<p>Words</p>"):
        assert kept in page
    assert ">Plain words</textarea>" in page
    assert f'name="file" value="{file.pk}"' in page


def test_a_refused_call_loses_nothing_that_was_typed(client: Client, company: World) -> None:
    fields = {"name": "Kurt", "phone": "later", "subject": "Price", "direction": "out", "minutes": "12"}
    page = unescape(client.post("/new", call(company, **fields)).content.decode())
    for kept in ('value="Kurt"', 'value="later"', 'value="Price"', 'value="12"', "Asked for the price."):
        assert kept in page
    assert '<option value="out" selected' in page


def test_the_files_of_a_call_were_lost(client: Client, company: World) -> None:
    agent = company.agent()
    note = attach(agent=agent, content=b"x", name="offer.txt", content_type="text/plain")
    picture = attach(agent=agent, content=b"x", name="shot.png", content_type="image/png")
    html = f'{WORDS}<p><img src="/files/{picture.pk}/inline"></p>'
    client.post("/new/draft", call(company, html=html, file=note.pk, nonce="form", save="1"))
    made = client.post("/new", call(company, name="Kurt", html=html, file=str(note.pk), nonce="form"))
    words = Note.objects.get()
    assert {each.name for each in words.attachments.all()} == {"offer.txt", "shot.png"}
    assert f"cid:rapport-{picture.pk}" in words.html
    assert not Draft.objects.exists()
    assert "offer.txt" in client.get(made.url).content.decode()  # type: ignore[attr-defined]


def test_a_call_of_which_there_is_only_a_recording_is_kept(client: Client, company: World) -> None:
    file = attach(agent=company.agent(), content=b"x", name="call.mp3", content_type="audio/mpeg")
    client.post("/new", call(company, name="Kurt", html="", file=str(file.pk)))
    assert [each.name for each in Note.objects.get().attachments.all()] == ["call.mp3"]


def test_a_file_can_be_chosen_for_a_call_too(client: Client) -> None:
    assert "data-attach" in client.get("/new?mode=call").content.decode()


def test_a_call_was_written_down_twice_by_a_reload(client: Client, company: World) -> None:
    file = attach(agent=company.agent(), content=b"x", name="offer.txt", content_type="text/plain")
    posted = call(company, name="Kurt", nonce="form", file=str(file.pk))
    first, again = client.post("/new", posted), client.post("/new", posted)
    assert first.url == again.url  # type: ignore[attr-defined]
    assert (Conversation.objects.count(), Customer.objects.count()) == (1, 1)
    assert Entry.objects.filter(kind="call.logged").count() == 1
    client.post("/new", call(company, name="Kurt", nonce="another form"))
    client.post("/new", call(company, name="Karla", nonce="form"))
    assert Conversation.objects.count() == 3


def test_a_number_was_added_without_a_word_in_the_timeline(client: Client, company: World) -> None:
    for _ in range(2):
        client.post("/new", call(company, to="ada@customer.example", phone="040 12345"))
    entry = CustomerEntry.objects.get(kind="identity.added")
    assert (entry.actor_kind, entry.actor_id) == ("agent", company.agent().pk)


def test_a_stranger_sees_no_upload_of_another_agent(company: World) -> None:
    world_agents = list(company.agents.values())
    file = attach(agent=world_agents[0], content=b"x", name="secret.txt", content_type="text/plain")
    page = signed_in(world_agents[1]).post("/new", {"mode": "mail", "file": str(file.pk)})
    assert "secret.txt" not in page.content.decode()


def test_a_file_was_taken_that_the_channel_then_refused(client: Client) -> None:
    limit = channel("email").capabilities.attachment_bytes
    answer = client.post("/files", {"file": SimpleUploadedFile("big.bin", b"x" * (limit + 1))})
    assert (answer.status_code, file_size(limit) in answer.json()["error"]) == (413, True)
    assert not Attachment.objects.exists()
    assert f'data-limit="{limit}"' in client.get("/new").content.decode()


def test_the_name_of_a_caller_turned_what_stands_beside_it(company: World) -> None:
    posted = {"mode": "call", "inbox": company.inbox.pk, "name": " Ada\u202e nori\u2066B ", "text": "Called"}
    assert signed_in(company.agent()).post("/new", posted).status_code == 302
    assert Conversation.objects.get().customer.name == "Ada nori B"
