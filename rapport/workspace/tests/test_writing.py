"""What is typed is never lost, never sent twice, and never sent from somebody else's inbox."""

import pytest
from django.test import Client

from rapport.conversations.actions.drafts import attach
from rapport.conversations.actions.reply import Answer
from rapport.conversations.actions.start import start
from rapport.conversations.models import Attachment, Conversation, Delivery, Message, SideMessage
from rapport.conversations.outgoing import build
from rapport.conversations.queries.access import NotFound
from rapport.conversations.recipients import parse_addresses
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World

ADA = "ada@customer.example"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.REPRESENTATIVE))


def test_a_refused_answer_shows_what_was_typed_and_not_the_older_draft(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    client.post(f"{base}/draft", {"mode": "reply", "html": "<p>Half</p>", "to": ADA, "token": "1"})
    typed = {"html": "<p>Half of it, and the rest</p>", "to": f"{ADA}, nonsense", "cc": "bob@firm.example"}
    shown = client.post(f"{base}/reply", typed, headers=SCRIPT)
    assert shown.status_code == 422
    page = shown.content.decode()
    assert "&lt;p&gt;Half of it, and the rest&lt;/p&gt;" in page
    assert f"{ADA}, nonsense" in page
    assert "bob@firm.example" in page


def test_a_crossed_answer_shows_what_was_typed(client: Client, conversation: Conversation) -> None:
    typed = {"html": "<p>Typed long</p>", "to": ADA, "token": "0"}
    shown = client.post(f"/conversations/{conversation.number}/reply", typed, headers=SCRIPT)
    assert shown.status_code == 409
    assert "&lt;p&gt;Typed long&lt;/p&gt;" in shown.content.decode()


def test_a_refused_answer_without_scripts_keeps_its_plain_text(
    client: Client, conversation: Conversation
) -> None:
    shown = client.post(f"/conversations/{conversation.number}/reply", {"text": "Dear Ada", "to": "nonsense"})
    assert shown.status_code == 422
    assert ">Dear Ada</textarea>" in shown.content.decode()


def test_nobody_writes_from_an_inbox_beyond_their_reach(client: Client, company: World) -> None:
    agent, foreign = company.agent(), company.other_inbox
    assert foreign.name not in client.get("/new").content.decode().partition("</select>")[0]
    sent = {"inbox": foreign.pk, "to": ADA, "subject": "Hello", "html": "<p>Hello</p>"}
    assert client.post("/new", sent).status_code == 422
    assert not Conversation.objects.exists()
    answer = Answer(html="<p>Hello</p>", to=parse_addresses([ADA]), subject="Hello")
    with pytest.raises(NotFound):
        start(agent=agent, inbox=foreign, answer=answer)


def test_a_send_that_comes_twice_goes_out_once(
    client: Client, company: World, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    page = client.get(f"{base}?part=composer").content.decode()
    nonce = page.partition('name="nonce" value="')[2].partition('"')[0]
    words = {"html": "<p>Once</p>", "to": ADA, "token": str(conversation.last_seq), "nonce": nonce}
    for act in ("reply", "reply", "forward", "forward"):
        assert client.post(f"{base}/{act}", words, headers=SCRIPT).status_code == 200
    first = {"inbox": company.inbox.pk, "subject": "Hello", **words}
    assert client.post("/new", first).url == client.post("/new", first).url  # type: ignore[attr-defined]
    assert Delivery.objects.count() == 3
    client.post(f"{base}/reply", {**words, "html": "<p>Other words</p>"}, headers=SCRIPT)
    assert Delivery.objects.count() == 4


def test_the_blind_copy_of_a_forward_is_sent(client: Client, conversation: Conversation) -> None:
    words = {"html": "<p>Look</p>", "to": "lab@firm.example", "bcc": "boss@firm.example"}
    client.post(f"/conversations/{conversation.number}/forward", words, headers=SCRIPT)
    outgoing, _ = build(Delivery.objects.get())
    assert [address.value for address in outgoing.bcc] == ["boss@firm.example"]


def test_a_forward_never_holds_an_answer_that_was_taken_back(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    client.post(f"{base}/reply", {"html": "<p>Our secret price</p>", "to": ADA}, headers=SCRIPT)
    client.post(f"{base}/messages/{Message.objects.latest('pk').pk}/undo", headers=SCRIPT)
    client.post(f"{base}/forward", {"html": "<p>Look</p>", "to": "lab@firm.example"}, headers=SCRIPT)
    assert "secret price" not in SideMessage.objects.get().html
    assert "where is my parcel" in SideMessage.objects.get().html


def test_a_forward_counts_the_files_it_copies(client: Client, conversation: Conversation) -> None:
    stored = attach(agent=Agent.objects.earliest("pk"), content=b"x", name="x.txt", content_type="text/plain")
    Attachment.objects.filter(pk=stored.pk).update(message=conversation.messages.get(), size=2**40)
    words = {"html": "<p>Look</p>", "to": "lab@firm.example"}
    assert (
        client.post(f"/conversations/{conversation.number}/forward", words, headers=SCRIPT).status_code == 422
    )


def test_a_reply_to_hundreds_is_refused_in_words(client: Client, conversation: Conversation) -> None:
    crowd = ", ".join(f"p{number}@firm.example" for number in range(101))
    shown = client.post(
        f"/conversations/{conversation.number}/reply", {"html": "<p>All</p>", "to": crowd}, headers=SCRIPT
    )
    assert shown.status_code == 422
    assert "more than 100 recipients" in shown.content.decode()
