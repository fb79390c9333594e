"""A mail that a server puts off for days may be mistyped: it must not hold up what its agent writes next."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from rapport.conversations.actions.record_delivery import record_waiting
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient
from rapport.conversations.recipients import parse_addresses
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World

WRONG, RIGHT, OTHER = "ada@custmer.example", "ada@customer.example", "bob@firm.example"


@pytest.fixture
def client(company: World) -> Client:
    return signed_in(company.agent(Role.REPRESENTATIVE))


@pytest.fixture
def waiting(company: World, conversation: Conversation) -> Delivery:
    """An answer to a domain that does not exist, which the mail server answers with 450."""
    answer = Answer(html="<p>Here it is</p>", to=parse_addresses([WRONG, OTHER]))
    reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    outgoing = queue("delivery")
    (delivery,) = claim(outgoing.rows(), limit=1, lease=outgoing.lease, worker="test", order=outgoing.order)
    record_waiting(delivery=delivery, reason="450 Domain not found")
    return Delivery.objects.get(pk=delivery.pk)


def forms_of(client: Client, conversation: Conversation) -> str:
    page = client.get(f"/conversations/{conversation.number}").content.decode()
    return page[page.index('class="delivery"') :].split("</footer>")[0]


def test_only_trying_again_was_offered_while_a_mail_waited(
    client: Client, conversation: Conversation, waiting: Delivery
) -> None:
    shown = forms_of(client, conversation)
    acts = re.findall(rf'action="/conversations/\d+/messages/{waiting.message_id}/(\w+)"', shown)
    assert acts == ["retry", "address", "skip"]
    offered = re.findall(r'<option value="(\d+)">', shown)
    assert offered == [str(row.pk) for row in waiting.recipients.order_by("pk")]


def test_the_address_of_a_waiting_mail_is_changed(
    client: Client, conversation: Conversation, waiting: Delivery
) -> None:
    chosen = waiting.recipients.get(address=WRONG)
    base = f"/conversations/{conversation.number}/messages/{waiting.message_id}"
    answer = client.post(f"{base}/address", {"recipient": chosen.pk, "address": RIGHT})
    assert answer.status_code == 302
    addresses = DeliveryRecipient.objects.filter(delivery=waiting).values_list("address", flat=True)
    assert set(addresses) == {RIGHT, OTHER}


def test_a_wrong_address_had_to_be_typed_anew(
    client: Client, conversation: Conversation, waiting: Delivery
) -> None:
    assert f'value="{WRONG}"' not in forms_of(client, conversation)
    waiting.recipients.filter(address=OTHER).update(state="sent")
    assert f'value="{WRONG}"' in forms_of(client, conversation)


def test_who_had_it_is_not_offered(client: Client, conversation: Conversation, waiting: Delivery) -> None:
    had = waiting.recipients.get(address=OTHER)
    DeliveryRecipient.objects.filter(pk=had.pk).update(state="sent")
    assert f'value="{had.pk}"' not in forms_of(client, conversation)
    base = f"/conversations/{conversation.number}/messages/{waiting.message_id}"
    assert client.post(f"{base}/address", {"recipient": had.pk, "address": RIGHT}).status_code == 404
    assert client.post(f"{base}/address", {"address": RIGHT}).status_code == 302
    assert waiting.recipients.get(address=RIGHT).former == WRONG


def test_a_mail_that_waits_is_given_up(client: Client, conversation: Conversation, waiting: Delivery) -> None:
    client.post(f"/conversations/{conversation.number}/messages/{waiting.message_id}/skip")
    assert Delivery.objects.get(pk=waiting.pk).state == Delivery.SKIPPED
