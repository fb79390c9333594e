"""SEC-05, SEC-06: an act checks both its ends; what one cannot see is not there, and nothing changes."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from rapport.conversations.actions.drafts import attach
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import Attachment, Conversation, Delivery, Draft, Message
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.models import Outcome, RawInbound
from rapport.staff.roles import Role
from tests.security.acting import SCRIPT, answer_to, content_of, signed_in
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db
SECRET = "canary-4c1e"
LIMITED = [Role.REPRESENTATIVE, Role.SPECIALIST, Role.TEAM_LEAD]
TABLES = ("conversations", "inboxes", "customers", "outbound", "files")


@pytest.fixture
def own(company: World) -> Conversation:
    return conversation_of(receive(company.inbox, mail()))


@pytest.fixture
def foreign(company: World) -> Conversation:
    """A conversation of the other team and brand with words of every kind."""
    sender = "Bea <bea@other.example>"
    conversation = conversation_of(
        receive(
            company.other_inbox, mail(sender=sender, to="workshop@refit.example", text=SECRET, subject=SECRET)
        )
    )
    boss = company.agent(Role.ADMINISTRATOR)
    file = attach(agent=boss, content=SECRET.encode(), name=f"{SECRET}.txt", content_type="text/plain")
    add_note(agent=boss, conversation_id=conversation.pk, html=SECRET, attachment_ids=[file.pk])
    sent = answer_by(company, conversation, boss)
    people = parse_addresses(["supplier@parts.example"])
    forward(agent=boss, conversation_id=conversation.pk, answer=Answer(html=SECRET, to=people))
    unverified = mail(
        sender="eve@else.example", to="workshop@refit.example", In_Reply_To=sent.identity, text=SECRET
    )
    assert Message.objects.get(raw=receive(company.other_inbox, unverified)).unverified
    conversation.refresh_from_db()
    return conversation


def answer_by(company: World, conversation: Conversation, boss) -> Message:
    from rapport.conversations.actions.reply import reply

    people = parse_addresses(["bea@other.example"])
    return reply(agent=boss, conversation_id=conversation.pk, answer=Answer(html=SECRET, to=people))


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a refused act must leave as it is."""
    return {
        model._meta.label: sorted(model._default_manager.values_list(), key=str)
        for label in TABLES
        for model in apps.get_app_config(label).get_models()
    }


def refused(
    client: Client, address: str, fields: dict[str, Any] | None = None, allowed: tuple[int, ...] = (404,)
) -> None:
    before = rows()
    answer = client.post(address, fields or {}, headers=SCRIPT)
    assert answer.status_code in allowed, (address, answer.status_code)
    assert SECRET.encode() not in content_of(answer), address
    assert rows() == before, address


@pytest.mark.parametrize("role", LIMITED)
def test_forwarding_a_foreign_message_from_an_own_conversation(company, own, foreign, role) -> None:
    client = signed_in(company.agent(role))
    for message in foreign.messages.all():
        fields = {"html": "look", "to": "me@else.example", "message": message.pk}
        refused(client, f"/conversations/{own.number}/forward", fields)


@pytest.mark.parametrize("role", LIMITED)
def test_acts_on_a_foreign_message_under_an_own_number(company, own, foreign, role) -> None:
    client = signed_in(company.agent(role))
    for message in foreign.messages.all():
        base = f"/conversations/{own.number}/messages/{message.pk}"
        for act in ("undo", "retry", "skip", "address", "accept", "retry?side=1", "skip?side=1"):
            refused(client, f"{base}/{act}", {"address": "me@else.example"})
        for what in ("original", "source", "files.zip"):
            answer = client.get(f"{base}/{what}")
            assert answer.status_code == 404, what
            assert SECRET.encode() not in content_of(answer)


@pytest.mark.parametrize("role", LIMITED)
def test_a_foreign_delivery_of_a_forward_under_an_own_number(company, own, foreign, role) -> None:
    client = signed_in(company.agent(role))
    side = foreign.side_messages.get()
    for act in ("retry", "skip", "address"):
        address = f"/conversations/{own.number}/messages/{side.pk}/{act}?side=1"
        refused(client, address, {"address": "me@else.example"})


@pytest.mark.parametrize("role", LIMITED)
def test_files_of_others(company, own, foreign, role) -> None:
    client = signed_in(company.agent(role))
    unsent = attach(
        agent=company.agent(Role.MANAGER), content=SECRET.encode(), name="a", content_type="text/plain"
    )
    for attachment in Attachment.objects.all():
        for address in (f"/files/{attachment.pk}/x", f"/files/{attachment.pk}/x?inline"):
            answer = client.get(address)
            assert answer.status_code == 404
            assert SECRET.encode() not in content_of(answer)
    for pk in (unsent.pk, foreign.notes.get().attachments.get().pk):
        refused(client, f"/files/{pk}/remove", allowed=(204, 404))
        client.post(
            f"/conversations/{own.number}/draft", {"mode": "reply", "html": "x", "file": pk}, headers=SCRIPT
        )
        assert Attachment.objects.get(pk=pk).draft is None
        fields = {"html": f'x <img src="/files/{pk}/image?inline">', "to": "ada@customer.example", "file": pk}
        fields["token"] = Conversation.objects.get(pk=own.pk).last_seq
        client.post(f"/conversations/{own.number}/reply", fields, headers=SCRIPT)
        client.post(f"/conversations/{own.number}/note", {"html": "x", "file": pk}, headers=SCRIPT)
        assert Attachment.objects.get(pk=pk).uploader != company.agent(role)
    assert not Attachment.objects.filter(message__conversation=own).exists()
    assert not Attachment.objects.filter(note__conversation=own).exists()


@pytest.mark.parametrize("role", LIMITED)
def test_a_file_is_seen_with_its_conversation(company, own, role) -> None:
    file = attach(agent=company.agent(), content=b"hello", name="a.txt", content_type="text/plain")
    add_note(agent=company.agent(), conversation_id=own.pk, html="x", attachment_ids=[file.pk])
    answer = signed_in(company.agent(role)).get(f"/files/{file.pk}/a.txt")
    assert content_of(answer) == b"hello"


@pytest.mark.parametrize("role", LIMITED)
def test_bulk_and_follow_on_a_foreign_number(company, own, foreign, role) -> None:
    client = signed_in(company.agent(role))
    for fields in (
        {"status": "solved"},
        {"tag": "mine"},
        {"agent": company.agent(role).pk},
        {"team": company.team.pk},
        {"spam": "1"},
    ):
        refused(client, "/bulk", {"number": [foreign.number], **fields}, allowed=(200,))
    for act in ("follow", "read", "unread", "draft"):
        refused(client, f"/conversations/{foreign.number}/{act}", {"mode": "reply", "html": "x"})
    assert not Draft.objects.exists()


@pytest.mark.parametrize("role", LIMITED)
def test_searching_and_filling_by_a_foreign_number(company, own, foreign, role) -> None:
    client = signed_in(company.agent(role))
    for words in (str(foreign.number), f"#{foreign.number}", "from:bea@other.example", "bea"):
        page = client.get("/search", {"q": words}).content.decode()
        assert f"/conversations/{foreign.number}" not in page, words
        assert SECRET not in page, words
    items = client.get("/canned", {"conversation": foreign.number, "q": ""}).content.decode()
    assert SECRET not in items
    assert "Bea" not in items


def quarantined(company: World, text: str = SECRET) -> RawInbound:
    content = mail(sender="manager@staff.example", to="workshop@refit.example", subject=text, text=text)
    raw = receive(company.other_inbox, content)
    assert raw.outcome == Outcome.QUARANTINED
    return raw


@pytest.mark.parametrize("act", ["move", "new", "dismiss", "retry"])
def test_a_lead_decides_nothing_about_a_foreign_inboxs_tray(company, own, act) -> None:
    raw = quarantined(company)
    client = signed_in(company.agent(Role.TEAM_LEAD))
    refused(client, f"/trays/{raw.pk}/decision", {"act": act, "number": str(own.number)})
    for tray in ("", "/refused", "/noted", "/dismissed"):
        assert SECRET not in client.get(f"/trays{tray}").content.decode()


def test_a_lead_moves_nothing_into_a_conversation_out_of_reach(company, own, foreign) -> None:
    content = mail(sender="manager@staff.example", subject="mine", text="mine")
    raw = receive(company.inbox, content)
    client = signed_in(company.agent(Role.TEAM_LEAD))
    answer = client.post(
        f"/trays/{raw.pk}/decision", {"act": "move", "number": str(foreign.number)}, headers=SCRIPT
    )
    assert "no such conversation" in client.get(answer["HX-Redirect"]).content.decode()
    raw.refresh_from_db()
    assert raw.outcome == Outcome.QUARANTINED
    assert foreign.messages.filter(raw=raw).count() == 0


def test_a_lead_empties_the_trays_of_an_own_inbox(company, own) -> None:
    """Without this the tests above would pass for trays that are shut to everybody."""
    raw = receive(company.inbox, mail(sender="manager@staff.example", subject="mine", text="mine"))
    client = signed_in(company.agent(Role.TEAM_LEAD))
    assert "mine" in client.get("/trays").content.decode()
    client.post(f"/trays/{raw.pk}/decision", {"act": "move", "number": str(own.number)}, headers=SCRIPT)
    assert own.messages.filter(raw=raw).exists()


def test_undoing_and_mending_what_a_colleague_sent(company, own) -> None:
    message = answer_to(company, own)
    delivery = Delivery.objects.get(message=message)
    assert delivery.state == "queued"
    refused(
        signed_in(company.agent(Role.SPECIALIST)), f"/conversations/{own.number}/messages/{message.pk}/undo"
    )
