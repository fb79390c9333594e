"""What is typed is never lost, never sent twice, and never sent from somebody else's inbox."""

import json
from html import unescape

import pytest
from django.test import Client

from rapport.conversations.actions.drafts import attach
from rapport.conversations.actions.reply import Answer
from rapport.conversations.actions.start import start
from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    Draft,
    Entry,
    Message,
    Note,
    SideMessage,
)
from rapport.conversations.outgoing import build
from rapport.conversations.queries.access import NotFound
from rapport.conversations.reactions import index_side
from rapport.conversations.recipients import parse_addresses
from rapport.conversations.searching import DOCUMENTS, MESSAGE, SIDE
from rapport.kernel.search.models import Document
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, mail, receive

ADA, LAB = "ada@customer.example", "lab@firm.example"


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
        to = LAB if act == "forward" else ADA
        assert client.post(f"{base}/{act}", {**words, "to": to}, headers=SCRIPT).status_code == 200
    first = {"inbox": company.inbox.pk, "subject": "Hello", **words}
    assert client.post("/new", first).url == client.post("/new", first).url  # type: ignore[attr-defined]
    assert Delivery.objects.count() == 3
    conversation.refresh_from_db()
    after = {**words, "html": "<p>Other words</p>", "answered": str(conversation.last_seq)}
    client.post(f"{base}/reply", after, headers=SCRIPT)
    assert Delivery.objects.count() == 4


def test_the_blind_copy_of_a_forward_is_sent(client: Client, conversation: Conversation) -> None:
    words = {"html": "<p>Look</p>", "to": "lab@firm.example", "bcc": "boss@firm.example", "token": "1"}
    client.post(f"/conversations/{conversation.number}/forward", words, headers=SCRIPT)
    outgoing, _ = build(Delivery.objects.get())
    assert [address.value for address in outgoing.bcc] == ["boss@firm.example"]


def test_a_forward_never_holds_an_answer_that_was_taken_back(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    client.post(f"{base}/reply", {"html": "<p>Our secret price</p>", "to": ADA, "token": "1"}, headers=SCRIPT)
    client.post(f"{base}/messages/{Message.objects.latest('pk').pk}/undo", headers=SCRIPT)
    client.post(
        f"{base}/forward", {"html": "<p>Look</p>", "to": "lab@firm.example", "token": "9"}, headers=SCRIPT
    )
    assert "secret price" not in SideMessage.objects.get().html
    assert "where is my parcel" in SideMessage.objects.get().html


def test_an_undo_left_five_lines_where_one_would_do(client: Client, conversation: Conversation) -> None:
    base = f"/conversations/{conversation.number}"
    answer = {"html": "<p>On its way</p>", "to": ADA, "status": "waiting", "token": "1"}
    client.post(f"{base}/reply", answer, headers=SCRIPT)
    before = client.get(base).content.decode()
    assert before.count('class="entry entry--line"') == before.count("data-cause=") == 2
    seen = Conversation.objects.get().last_seq
    client.post(f"{base}/messages/{Message.objects.latest('pk').pk}/undo", headers=SCRIPT)
    for address in (base, f"{base}/entries?after={seen}"):
        left = client.get(address).content.decode()
        assert left.count('class="entry entry--line"') == 1
        assert "took the message back" in left
    kept = list(Entry.objects.order_by("seq").values_list("kind", flat=True))
    assert kept[-4:] == ["status.changed", "delivery.withdrawn", "status.changed", "assigned"]


def test_an_autosave_under_way_brought_sent_words_back_as_a_draft(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    page = client.get(f"{base}?part=composer").content.decode()
    nonce = page.partition('name="nonce" value="')[2].partition('"')[0]
    for act in ("reply", "note", "forward"):
        to = LAB if act == "forward" else ADA
        words = {"mode": act, "html": "<p>Words</p>", "to": to, "nonce": f"{act}{nonce}"}
        assert client.post(f"{base}/draft", {**words, "save": "1"}).status_code == 200
        client.post(f"{base}/{act}", {**words, "token": str(conversation.last_seq)}, headers=SCRIPT)
        assert client.post(f"{base}/draft", {**words, "save": "2"}).status_code == 409
        assert not Draft.objects.exists()
        # The next composer, and one open in another window, keep what is typed in them.
        assert client.post(f"{base}/draft", {**words, "nonce": "other", "save": "1"}).status_code == 200
        Draft.objects.all().delete()


def test_a_draft_that_saw_more_than_there_is_was_lost(client: Client, conversation: Conversation) -> None:
    typed = {"mode": "reply", "html": "<p>Half</p>", "token": "9" * 18}
    assert client.post(f"/conversations/{conversation.number}/draft", typed).status_code == 200
    assert Draft.objects.get().seen_seq == conversation.last_seq


def test_an_older_autosave_brought_emptied_words_back(client: Client, conversation: Conversation) -> None:
    base = f"/conversations/{conversation.number}/draft"
    form = {"mode": "note", "nonce": "one"}
    client.post(base, {**form, "html": "", "save": "3"})
    assert client.post(base, {**form, "html": "<p>Dropped</p>", "save": "2"}).status_code == 409
    assert not Draft.objects.exists()
    assert client.post(base, {**form, "html": "<p>Begun again</p>", "save": "4"}).status_code == 200


def test_a_note_that_was_added_refused_the_draft_of_the_answer(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    form = {"nonce": "one", "to": ADA}
    client.post(f"{base}/note", {**form, "html": "<p>For us</p>"}, headers=SCRIPT)
    late = {**form, "mode": "note", "html": "<p>For us</p>", "save": "1"}
    assert client.post(f"{base}/draft", late).status_code == 409
    begun = {**form, "mode": "reply", "html": "<p>For you</p>", "save": "2"}
    assert client.post(f"{base}/draft", begun).status_code == 200
    assert [draft.kind for draft in Draft.objects.all()] == ["reply"]


def test_a_form_begun_anew_sent_the_same_words_twice_and_brought_them_back(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    words = {"mode": "reply", "html": "<p>Once</p>", "to": ADA, "token": str(conversation.last_seq)}
    client.post(f"{base}/reply", {**words, "nonce": "one"}, headers=SCRIPT)
    anew = {**words, "nonce": "one~1"}
    assert client.post(f"{base}/draft", {**anew, "save": "3"}).status_code == 200
    client.post(f"{base}/reply", anew, headers=SCRIPT)
    assert Message.objects.filter(direction="out").count() == 1
    assert not Draft.objects.exists()
    assert client.post(f"{base}/draft", {**anew, "save": "4"}).status_code == 409


def test_a_file_left_the_tab_that_it_was_attached_in(
    client: Client, conversation: Conversation, company: World
) -> None:
    base = f"/conversations/{conversation.number}"
    agent = company.agent(Role.REPRESENTATIVE)
    offer, plan = (
        attach(agent=agent, content=b"x", name=name, content_type="text/plain")
        for name in ("offer.txt", "plan.txt")
    )
    client.post(f"{base}/draft", {"mode": "reply", "html": "<p>Here</p>", "to": ADA, "file": offer.pk})
    client.post(f"{base}/draft", {"mode": "note", "html": "<p>Ours</p>", "file": plan.pk})
    page = client.get(base).content.decode()
    kept = json.loads(unescape(page.partition('data-kept="')[2].partition('"')[0]))
    assert kept["reply"]["files"] == [{"id": offer.pk, "name": "offer.txt", "size": "1 B"}]
    shown = page.partition("data-files")[2].partition("</ul>")[0]
    assert "plan.txt" in shown
    assert "offer.txt" not in shown


@pytest.mark.parametrize("mode", ["mail", "call"])
def test_the_draft_of_a_first_message_was_never_kept(client: Client, company: World, mode: str) -> None:
    words = {"mode": mode, "html": "<p>Begun</p>", "to": ADA, "subject": "Hello", "nonce": "one"}
    assert client.post("/new/draft", {**words, "save": "1"}).status_code == 200
    assert "Begun" in client.get(f"/new?mode={mode}").content.decode()
    assert client.post("/new", {**words, "inbox": company.inbox.pk}).status_code == 302
    assert client.post("/new/draft", {**words, "save": "2"}).status_code == 409
    assert not Draft.objects.exists()


def test_a_reply_begun_beside_a_kept_forward_went_to_nobody(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    for mode, to in (("reply", ADA), ("forward", "lab@firm.example")):
        client.post(f"{base}/draft", {"mode": mode, "html": f"<p>{mode} words</p>", "to": to, "token": "1"})
    page = client.get(base).content.decode()
    kept = json.loads(unescape(page.partition('data-kept="')[2].partition('"')[0]))
    assert kept["reply"] == {
        "html": "<p>reply words</p>",
        "token": 1,
        "files": [],
        "to": [ADA],
        "cc": [],
        "bcc": [],
    }
    Draft.objects.filter(kind="reply").delete()
    page = client.get(base).content.decode()
    kept = json.loads(unescape(page.partition('data-kept="')[2].partition('"')[0]))
    assert ADA in kept["reply"]["to"][0]


def test_a_forward_is_taken_back_without_what_was_below_it(
    client: Client, company: World, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    own = attach(agent=company.agent(), content=b"x", name="own.txt", content_type="text/plain")
    copied = Attachment.objects.create(
        file=own.file, message=conversation.messages.get(), name="theirs.txt", size=1
    )
    words = {"html": "<p>Please look</p>", "to": "lab@firm.example", "cc": "boss@firm.example"}
    client.post(f"{base}/forward", {**words, "token": "1", "file": own.pk}, headers=SCRIPT)
    side = SideMessage.objects.get()
    assert f"/messages/{side.pk}/undo?side" in client.get(base).content.decode()
    shown = client.post(f"{base}/messages/{side.pk}/undo?side", headers=SCRIPT).content.decode()
    draft = Draft.objects.get()
    assert (draft.kind, draft.html) == ("forward", "<p>Please look</p>")
    assert [row["address"] for row in (*draft.to, *draft.cc)] == ["lab@firm.example", "boss@firm.example"]
    assert [file.pk for file in draft.attachments.all()] == [own.pk]
    assert f'data-file="{copied.pk}"' not in shown
    assert f'name="copied" value="{copied.pk}" checked' in shown
    assert "lab@firm.example" in shown
    assert Delivery.objects.get().state == Delivery.WITHDRAWN
    assert f"/messages/{side.pk}/undo" not in client.get(base).content.decode()
    index_side(Entry.objects.get(kind="side.sent"))
    assert not Document.objects.filter(kind=SIDE).exists()


def test_a_forward_that_is_being_sent_is_not_taken_back(client: Client, conversation: Conversation) -> None:
    base = f"/conversations/{conversation.number}"
    client.post(
        f"{base}/forward", {"html": "<p>Look</p>", "to": "lab@firm.example", "token": "9"}, headers=SCRIPT
    )
    Delivery.objects.update(state="running")
    side = SideMessage.objects.get()
    assert client.post(f"{base}/messages/{side.pk}/undo?side", headers=SCRIPT).status_code == 409
    assert not Draft.objects.exists()


def test_a_forward_counts_the_files_it_copies(client: Client, conversation: Conversation) -> None:
    stored = attach(agent=Agent.objects.earliest("pk"), content=b"x", name="x.txt", content_type="text/plain")
    Attachment.objects.filter(pk=stored.pk).update(message=conversation.messages.get(), size=2**40)
    words = {"html": "<p>Look</p>", "to": "lab@firm.example", "token": "9"}
    assert (
        client.post(f"/conversations/{conversation.number}/forward", words, headers=SCRIPT).status_code == 422
    )


def test_a_reply_to_hundreds_is_refused_in_words(client: Client, conversation: Conversation) -> None:
    crowd = ", ".join(f"p{number}@firm.example" for number in range(101))
    words = {"html": "<p>All</p>", "to": crowd, "token": str(conversation.last_seq)}
    shown = client.post(f"/conversations/{conversation.number}/reply", words, headers=SCRIPT)
    assert shown.status_code == 422
    assert "more than 100 recipients" in shown.content.decode()


def token_in(page: str) -> str:
    return page.partition('name="token" value="')[2].partition('"')[0]


def test_a_refused_address_let_the_next_click_send_over_a_mail_that_nobody_saw(
    client: Client, company: World, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    words = {"html": "<p>Then we send it</p>", "token": str(conversation.last_seq)}
    first = Message.objects.get()
    more = mail(text="No, please cancel!", subject="Re: Your parcel", In_Reply_To=str(first.identity))
    receive(company.inbox, more)
    refused = client.post(f"{base}/reply", {**words, "to": "nonsense"}, headers=SCRIPT)
    assert refused.status_code == 422
    again = {**words, "to": ADA, "token": token_in(refused.content.decode())}
    crossed = client.post(f"{base}/reply", again, headers=SCRIPT)
    assert crossed.status_code == 409
    read = {**again, "token": token_in(crossed.content.decode())}
    assert client.post(f"{base}/reply", read, headers=SCRIPT).status_code == 200


@pytest.mark.parametrize("token", [{}, {"token": "all"}])
def test_an_answer_that_does_not_say_what_was_seen_was_sent_over_everything(
    client: Client, conversation: Conversation, token: dict[str, str]
) -> None:
    words = {"html": "<p>Hello</p>", "to": ADA, **token}
    crossed = client.post(f"/conversations/{conversation.number}/reply", words, headers=SCRIPT)
    assert crossed.status_code == 409


def test_a_note_that_came_twice_stood_there_twice(client: Client, conversation: Conversation) -> None:
    address = f"/conversations/{conversation.number}/note"
    words = {"html": "<p>Call her back</p>", "nonce": "one"}
    for _ in range(2):
        assert client.post(address, words, headers=SCRIPT).status_code == 200
    assert Note.objects.count() == 1
    client.post(address, {**words, "html": "<p>And look at this</p>"}, headers=SCRIPT)
    client.post(address, {**words, "nonce": "two"}, headers=SCRIPT)
    assert Note.objects.count() == Entry.objects.filter(kind="note.added").count() == 3


def test_words_that_were_taken_back_were_found_again_after_the_index_was_rebuilt(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    words = {"html": "<p>Our secret price</p>", "token": "1"}
    for act, model, to in (("reply", Message, ADA), ("forward", SideMessage, LAB)):
        client.post(f"{base}/{act}", {**words, "to": to}, headers=SCRIPT)
        side = "?side=1" if act == "forward" else ""
        client.post(f"{base}/messages/{model.objects.latest('pk').pk}/undo{side}", headers=SCRIPT)
    kept = {(each.name, content.object_id) for each in DOCUMENTS for content in each.everything()}
    assert kept == {(MESSAGE, Message.objects.earliest("pk").pk)}


def test_one_bad_address_emptied_its_whole_row_in_the_draft(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    people = {"to": f"Ada Byron <{ADA}>, boss@", "cc": "bob@firm.example, nonsense"}
    client.post(f"{base}/draft", {"mode": "reply", "html": "<p>Half</p>", **people})
    draft = Draft.objects.get()
    assert [row["address"] for row in draft.to] == [ADA, "boss@"]
    assert [row["address"] for row in draft.cc] == ["bob@firm.example", "nonsense"]
    page = unescape(client.get(f"{base}?part=composer").content.decode())
    assert f'value="Ada Byron <{ADA}>, boss@"' in page
    assert client.post(f"{base}/reply", {"html": "<p>Half</p>", **people}, headers=SCRIPT).status_code == 422


def test_an_answer_whose_words_were_deleted_again_stood_as_a_draft(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    client.post(f"{base}/draft", {"mode": "reply", "html": "<p>Half</p>"})
    client.post(f"{base}/draft", {"mode": "reply", "html": "<p><br></p>"})
    assert not Draft.objects.exists()


def test_a_first_mail_without_text_was_not_kept(client: Client, conversation: Conversation) -> None:
    client.post("/new/draft", {"to": f"{ADA}, bob@", "subject": "Your bicycle", "html": ""})
    page = unescape(client.get("/new").content.decode())
    assert f'value="{ADA}, bob@"' in page
    assert 'value="Your bicycle"' in page
    client.post("/new/draft", {"to": "", "subject": " ", "html": ""})
    base = f"/conversations/{conversation.number}"
    client.post(f"{base}/draft", {"mode": "reply", "to": ADA, "subject": "Re: x", "html": ""})
    assert not Draft.objects.exists()
