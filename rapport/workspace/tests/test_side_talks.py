"""Which message a forward passes on with which files, and answering the third party."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.start import start
from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryRecipient,
    Draft,
    Message,
    SideMessage,
)
from rapport.conversations.outgoing import build
from rapport.conversations.recipients import parse_addresses
from rapport.kernel.files.storage import store
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, conversation_of, mail, receive

ADA, LAB = "ada@customer.example", "lab@parts.example"


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.REPRESENTATIVE))


@pytest.fixture
def conversation(company: World) -> Conversation:
    """Two mails of Ada's; the first has two files."""
    found = conversation_of(receive(company.inbox, mail(text="The fork is bent", Message_ID="<1@c.example>")))
    for name in ("photo.txt", "invoice.txt"):
        file = store(name.encode(), name=name, content_type="text/plain")
        Attachment.objects.create(file=file, message=Message.objects.get(), name=name, size=9)
    receive(company.inbox, mail(text="Any news?", In_Reply_To="<1@c.example>", Message_ID="<2@c.example>"))
    found.refresh_from_db()
    return found


@pytest.fixture
def answered(company: World, conversation: Conversation) -> SideMessage:
    """What the laboratory wrote about a forward."""
    side = forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<p>Can you look?</p>", to=parse_addresses([LAB])),
        undo=timedelta(0),
    )
    Delivery.objects.update(state="done")
    words = {"In_Reply_To": side.identity, "Message_ID": "<lab@parts.example>", "subject": "Re: Fork"}
    receive(company.inbox, mail(sender=f"Lab <{LAB}>", text="Which batch?", **words))
    conversation.refresh_from_db()
    return SideMessage.objects.get(direction="in")


def opened(client: Client, conversation: Conversation, act: str) -> dict[str, str | list[str]]:
    """Follow an act below a message and return what the composer would post."""
    here = f"/conversations/{conversation.number}"
    page = client.get(here).content.decode()
    [address] = re.findall(rf'href="([^"]*{act})#composer">', page)
    return fields_in(client.get(here + unescape(address)).content.decode())


def fields_in(page: str) -> dict[str, str | list[str]]:
    form = page[page.index('<form id="composer"') :]
    names = ("token", "message", "side", "choice", "nonce", "to", "cc", "html")
    found = {name: re.search(rf'<input[^>]*\bname="{name}"[^>]*\bvalue="([^"]*)"', form) for name in names}
    copied = re.findall(r'name="copied" value="(\d+)" checked', form)
    return {name: unescape(match[1]) for name, match in found.items() if match} | {"copied": copied}


def post(client: Client, conversation: Conversation, fields: dict[str, str | list[str]]) -> tuple[int, str]:
    answer = client.post(f"/conversations/{conversation.number}/forward", fields, headers=SCRIPT)
    return answer.status_code, answer.content.decode()


def test_only_the_last_message_could_be_forwarded(client: Client, conversation: Conversation) -> None:
    first = Message.objects.order_by("pk")[0]
    fields = opened(client, conversation, f"message={first.pk}")
    assert len(fields["copied"]) == 2
    assert post(client, conversation, fields | {"to": LAB, "html": "<p>Look</p>"})[0] == 200
    side = SideMessage.objects.get()
    assert "The fork is bent" in side.text
    assert "Any news?" not in side.text
    assert {file.name for file in side.attachments.all()} == {"photo.txt", "invoice.txt"}


def test_a_file_could_not_be_left_out(client: Client, conversation: Conversation) -> None:
    first = Message.objects.order_by("pk")[0]
    fields = opened(client, conversation, f"message={first.pk}")
    kept = Attachment.objects.get(name="photo.txt")
    post(client, conversation, fields | {"to": LAB, "html": "<p>Look</p>", "copied": [str(kept.pk)]})
    assert [file.name for file in SideMessage.objects.get().attachments.all()] == ["photo.txt"]


def test_what_a_forward_has_below_it_was_another_message_after_coming_back(
    client: Client, conversation: Conversation
) -> None:
    first = Message.objects.order_by("pk")[0]
    base, kept = f"/conversations/{conversation.number}", Attachment.objects.get(name="photo.txt")
    fields = opened(client, conversation, f"message={first.pk}")
    typed = fields | {"to": LAB, "html": "<p>Look</p>", "copied": [str(kept.pk)], "mode": "forward"}
    client.post(f"{base}/draft", typed)
    again = fields_in(client.get(base).content.decode())
    assert (again["message"], again["copied"]) == (str(first.pk), [str(kept.pk)])
    post(client, conversation, again | {"to": LAB})
    side = SideMessage.objects.get()
    undone = client.post(f"{base}/messages/{side.pk}/undo?side", headers=SCRIPT).content.decode()
    restored = fields_in(undone)
    assert (restored["message"], restored["copied"]) == (str(first.pk), [str(kept.pk)])


def test_a_third_party_could_not_be_answered(
    client: Client, company: World, conversation: Conversation, answered: SideMessage
) -> None:
    fields = opened(client, conversation, f"side={answered.pk}")
    assert (fields["message"], fields["to"]) == ("", f"Lab <{LAB}>")
    status, page = post(client, conversation, fields | {"html": "<p>Batch 7</p>"})
    assert status == 200, page
    written = SideMessage.objects.order_by("pk").last()
    assert written is not None
    outgoing, _inbox = build(Delivery.objects.get(side_message=written))
    assert [each.value for each in outgoing.to] == [LAB]
    first = SideMessage.objects.order_by("pk")[0]
    assert outgoing.in_reply_to == answered.identity
    assert outgoing.references == (first.identity, answered.identity)
    assert outgoing.subject == "Re: Fork"
    assert "Which batch?" in outgoing.text
    assert "Any news?" not in outgoing.text
    assert not Message.objects.filter(direction="out").exists()
    again = {"In_Reply_To": written.identity, "Message_ID": "<lab2@parts.example>"}
    receive(company.inbox, mail(sender=LAB, text="It is on its way", **again))
    assert SideMessage.objects.order_by("pk").last().answered == written  # type: ignore[union-attr]
    assert Message.objects.count() == 2


@pytest.mark.usefixtures("answered")
def test_the_face_of_a_third_party_was_a_question_mark(client: Client, conversation: Conversation) -> None:
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert 'aria-hidden="true">?</span>' not in page


def test_whose_answer_is_answered_was_not_said(
    client: Client, conversation: Conversation, answered: SideMessage
) -> None:
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert f'href="?side={answered.pk}#composer">Answer Lab</a>' in page
    SideMessage.objects.filter(pk=answered.pk).update(sender_name="")
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert f'href="?side={answered.pk}#composer">Answer {LAB}</a>' in page


def test_the_customer_is_refused_as_a_reader_of_a_side_talk(
    client: Client, conversation: Conversation, answered: SideMessage
) -> None:
    fields = opened(client, conversation, f"side={answered.pk}")
    status, page = post(client, conversation, fields | {"html": "<p>Batch 7</p>", "cc": ADA.upper()})
    assert status == 422
    assert "is the customer, who must not read this" in page
    assert fields_in(page)["side"] == str(answered.pk)
    assert SideMessage.objects.count() == 2


def test_the_draft_of_an_answer_to_a_third_party_stays_one(
    client: Client, conversation: Conversation, answered: SideMessage
) -> None:
    base = f"/conversations/{conversation.number}"
    fields = opened(client, conversation, f"side={answered.pk}")
    client.post(f"{base}/draft", fields | {"html": "<p>Batch 7</p>", "mode": "forward"})
    assert Draft.objects.get().below["side"] == answered.pk
    again = fields_in(client.get(base).content.decode())
    assert (again["side"], again["message"], again["to"]) == (str(answered.pk), "", f"Lab <{LAB}>")


def test_a_side_message_of_another_conversation_or_of_ours_is_not_answered(
    client: Client, company: World, conversation: Conversation, answered: SideMessage
) -> None:
    other = conversation_of(receive(company.inbox, mail(Message_ID="<3@c.example>", subject="Other")))
    fields = opened(client, conversation, f"side={answered.pk}") | {"html": "<p>x</p>"}
    assert post(client, other, fields)[0] == 404
    ours = SideMessage.objects.order_by("pk")[0]
    assert post(client, conversation, fields | {"side": str(ours.pk)})[0] == 404


@pytest.mark.parametrize("role", [Role.QA_ANALYST, Role.REPRESENTATIVE])
def test_only_who_may_answer_is_offered_to_pass_on(
    company: World, conversation: Conversation, answered: SideMessage, role: Role
) -> None:
    page = signed_in(company.agent(role)).get(f"/conversations/{conversation.number}").content.decode()
    assert len(re.findall(r'href="\?[^"]*#composer"', page)) == (3 if role is Role.REPRESENTATIVE else 0)


def written_to_ada(company: World, conversation: Conversation, *, sent: bool) -> Message:
    message = reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<p>We pay 40</p>", to=parse_addresses([ADA])),
        undo=timedelta(0),
    )
    if sent:
        DeliveryRecipient.objects.update(state="sent")
        Delivery.objects.update(state="done")
    return message


@pytest.mark.parametrize("sent", [True, False])
def test_words_that_nobody_had_were_offered_to_pass_on(
    client: Client, company: World, conversation: Conversation, sent: bool
) -> None:
    message = written_to_ada(company, conversation, sent=sent)
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    assert (f'href="?message={message.pk}#composer"' in page) is sent


def test_forwarding_words_that_were_not_sent_opened_a_forward_of_others(
    client: Client, company: World, conversation: Conversation
) -> None:
    message = written_to_ada(company, conversation, sent=False)
    page = client.get(f"/conversations/{conversation.number}?message={message.pk}").content.decode()
    assert "What you chose cannot stand below it" in page
    fields = fields_in(page)
    assert (fields["message"], fields["side"], fields["copied"]) == ("", "", [])
    status, refused = post(client, conversation, fields | {"to": "nobody", "html": "<p>Look</p>"})
    assert (status, fields_in(refused)["message"]) == (422, "")
    base = f"/conversations/{conversation.number}"
    client.post(f"{base}/draft", fields | {"html": "<p>Look</p>", "mode": "forward"})
    again = fields_in(client.get(base).content.decode())
    assert again["message"] == ""
    token = str(Conversation.objects.get().last_seq)
    assert post(client, conversation, again | {"to": LAB, "token": token})[0] == 200
    side = SideMessage.objects.get()
    assert (side.forwarded, "Any news?" in side.text) == (None, False)


def test_a_forward_where_only_we_wrote_had_words_below_it_that_nobody_had(
    client: Client, company: World
) -> None:
    words = Answer(html="<p>We pay 40</p>", to=parse_addresses([ADA]), subject="Offer")
    conversation = start(agent=company.agent(), inbox=company.inbox, answer=words)
    page = client.get(f"/conversations/{conversation.number}?write=forward").content.decode()
    fields = fields_in(page)
    assert fields["message"] == ""
    assert post(client, conversation, fields | {"to": LAB, "html": "<p>Look</p>"})[0] == 200
    assert post(client, conversation, {"to": LAB, "html": "<p>Again</p>", "token": "9"})[0] == 200
    assert not SideMessage.objects.filter(text__contains="We pay").exists()


def test_taking_a_forward_back_says_where_its_words_are_while_another_is_begun(
    client: Client, conversation: Conversation
) -> None:
    base = f"/conversations/{conversation.number}"
    first = Message.objects.order_by("pk")[0]
    fields = opened(client, conversation, f"message={first.pk}")
    post(client, conversation, fields | {"to": LAB, "html": "<p>Look</p>"})
    newer = {"to": "supplier@other.example", "html": "<p>Newer</p>", "mode": "forward"}
    client.post(f"{base}/draft", newer | {"message": str(first.pk), "side": ""})
    side = SideMessage.objects.get()
    undone = client.post(f"{base}/messages/{side.pk}/undo?side", headers=SCRIPT).content.decode()
    assert "so its words stand under “Note”" in undone
    restored = fields_in(undone)
    assert (restored["to"], restored["html"]) == ("supplier@other.example", "<p>Newer</p>")
    assert Draft.objects.get(kind="note").html == "<p>Look</p>"
