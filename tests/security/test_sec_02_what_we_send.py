"""SEC-02: nothing active leaves in answers, forwards, signatures, canned replies, quotes, confirmations."""

from datetime import timedelta

import pytest
from django.test import Client

from rapport.canned_replies.actions import Wording, create_canned_reply
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.reactions import confirm_receipt
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import Delivery, Entry, Message
from rapport.conversations.recipients import parse_addresses
from rapport.kernel.text.tests.danger import dangers
from rapport.staff.authority import Refused
from rapport.staff.roles import Role
from tests.security.acting import ADA, SCRIPT, all_wires, answer_to, html_of, read_mail, signed_in
from tests.security.hostile import OWN, SETS, mail_of, payloads
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db
HEADERS = {
    "from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "reply-to",
    "mime-version", "content-type", "content-transfer-encoding", "x-rapport-instance", "auto-submitted",
    "x-auto-response-suppress",
}  # fmt: skip


def assert_harmless(content: bytes) -> None:
    html = html_of(content)
    assert html
    assert dangers(html) == [], html
    mail_ = read_mail(content)
    assert {name.lower() for name in mail_} <= HEADERS
    assert mail_["Bcc"] is None


@pytest.mark.parametrize("which", SETS)
def test_answers_and_forwards_of_hostile_mails_are_harmless(company: World, which: str) -> None:
    sent, given = 0, payloads(which)
    for number, payload in enumerate(given):
        raw = receive(company.inbox, mail_of(payload, number, to=company.inbox.address))
        message = Message.objects.filter(raw=raw).first()
        if message is None:
            continue
        sender = message.sender_address
        answer_to(company, message.conversation, "Thank you", sender)
        forward(
            agent=company.agent(),
            conversation_id=message.conversation_id,
            answer=Answer(html="Please look", to=parse_addresses(["supplier@parts.example"])),
            message_id=message.pk,
            undo=timedelta(0),
        )
        sent += 2
    wires = all_wires()
    assert len(wires) == sent >= 2 * 0.9 * len(given)
    for content in wires:
        assert_harmless(content)


@pytest.mark.parametrize("which", SETS)
def test_what_an_agent_pastes_is_harmless(company: World, which: str) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    client = signed_in(company.agent())
    given = payloads(which)
    for payload in given:
        client.post(
            f"/conversations/{conversation.number}/reply",
            {"html": f"<div>Hello {payload}</div>", "subject": payload, "to": ADA, "token": "999999"},
            headers=SCRIPT,
        )
    wires = all_wires()
    assert len(wires) >= len(given) * 0.9
    for content in wires:
        assert_harmless(content)


def test_signatures_and_names_are_harmless(company: World) -> None:
    conversation = conversation_of(receive(company.inbox, mail()))
    agent = company.agent()
    for payload in OWN:
        agent.public_name, agent.signature_html = payload[:120], f"{payload} {{agent.name}} {{brand.name}}"
        agent.save()
        company.brand.name = payload[:80]
        company.brand.save()
        answer_to(company, conversation)
    for content in all_wires():
        assert_harmless(content)
        assert read_mail(content)["From"].addresses[0].addr_spec == company.inbox.address


def test_canned_replies_and_their_variables_are_harmless(company: World) -> None:
    boss = company.agent(Role.ADMINISTRATOR)
    client = signed_in(boss)
    for number, payload in enumerate(OWN):
        receive(company.inbox, mail_of(payload, number, to=company.inbox.address))
        try:
            create_canned_reply(
                actor=boss,
                wording=Wording(
                    name=payload, shortcut=f"s{number}", html=f"{payload}{{customer.name}} {{brand.name}}"
                ),
            )
        except Refused:
            continue
    conversations = {message.conversation for message in Message.objects.filter(direction="in")}
    for conversation in list(conversations)[:20]:
        for item in canned(client, conversation.number):
            assert dangers(item["html"]) == [], item


def canned(client: Client, number: int) -> list[dict[str, str]]:
    items: list[dict[str, str]] = client.get(f"/canned?conversation={number}").json()["items"]
    assert items
    return items


def test_confirmations_hold_no_word_of_the_mail(company: World) -> None:
    EmailSettings.objects.create(inbox=company.inbox, acknowledge=True)
    for number, payload in enumerate(OWN):
        receive(company.inbox, mail_of(f"zebra {payload}", number, to=company.inbox.address))
    for entry in Entry.objects.filter(kind="message.received"):
        confirm_receipt(entry)
    wires = all_wires()
    assert wires
    assert Delivery.objects.count() == len(wires)
    for content in wires:
        assert_harmless(content)
        assert b"zebra" not in content
        assert "zebra" not in html_of(content)
        assert read_mail(content)["Auto-Submitted"] == "auto-replied"
