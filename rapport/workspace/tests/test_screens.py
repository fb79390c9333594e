"""Every screen of the workspace over HTTP: it answers whom it should, and in few queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rapport.conversations.actions.note import add_note
from rapport.conversations.models import Conversation, Message
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import SCRIPT, signed_in
from tests.world import World, conversation_of, mail, receive


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/inbox/unassigned",
        "/inbox/all",
        "/inbox/all?part=rows",
        "/inbox/all?part=list",
        "/inbox/mentions",
        "/inbox/spam",
        "/inbox/deleted",
        "/inbox/waiting",
        "/counts",
        "/search",
        "/search?q=parcel",
        "/search?q=is:nonsense+before:yesterday+%22open",
        "/new",
        "/new?mode=call",
        "/trays",
        "/trays/noted",
        "/trays/refused",
        "/conversations/{number}",
        "/conversations/{number}?part=pane",
        "/conversations/{number}?part=header",
        "/conversations/{number}/panel",
        "/conversations/{number}?part=composer",
        "/conversations/{number}/entries?after=0",
    ],
)
def test_every_screen_answers(client: Client, conversation: Conversation, address: str) -> None:
    answer = client.get(address.format(number=conversation.number))
    assert answer.status_code == 200, answer.content[:500]


def test_a_conversation_outside_ones_reach_does_not_exist(company: World) -> None:
    foreign = conversation_of(receive(company.other_inbox, mail(to="workshop@refit.example")))
    client = signed_in(company.agent(Role.REPRESENTATIVE))
    message = Message.objects.get()
    base = f"/conversations/{foreign.number}"
    for address in (base, f"{base}/entries", f"{base}/messages/{message.pk}/original"):
        assert client.get(address).status_code == 404
    for act in ("reply", "note", "status", "assign", "tags", "delete", f"messages/{message.pk}/undo"):
        assert client.post(f"{base}/{act}", {"status": "solved"}, headers=SCRIPT).status_code in {403, 404}
    assert foreign.number is not None
    assert "Where is my parcel" not in client.get("/inbox/all").content.decode()


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert client.get(address).status_code == 200
    return len(counted)


def test_pages_take_a_fixed_number_of_queries(
    client: Client, company: World, conversation: Conversation
) -> None:
    few = [queries(client, address) for address in ("/inbox/all", f"/conversations/{conversation.number}")]
    for number in range(12):
        receive(company.inbox, mail(sender=f"c{number}@customer.example", subject=f"s{number}"))
        add_note(agent=company.agent(), conversation_id=conversation.pk, html=f"note {number}")
    many = [queries(client, address) for address in ("/inbox/all", f"/conversations/{conversation.number}")]
    assert many[0] <= few[0] + 1
    assert many[1] <= few[1] + 3
    assert few[0] <= 10
    assert few[1] <= 30


def test_nul_characters_in_forms_and_queries_do_no_harm(client: Client, conversation: Conversation) -> None:
    assert client.get("/search?q=par%00cel").status_code == 200
    answer = client.post(
        f"/conversations/{conversation.number}/subject", {"subject": "New\x00 words"}, headers=SCRIPT
    )
    assert answer.status_code == 200
    conversation.refresh_from_db()
    assert conversation.subject == "New words"
