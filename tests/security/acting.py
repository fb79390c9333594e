"""What the tests of this folder do again and again: sign in, answer, look at the bytes that leave."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from django.test import Client

from rapport.channels.email.compose import compose
from rapport.channels.email.send import instance_name
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Delivery, Message
from rapport.conversations.outgoing import build
from rapport.conversations.recipients import parse_addresses
from rapport.kernel.clock import now
from rapport.staff.models import Agent
from tests.world import World

ADA = "ada@customer.example"
SCRIPT = {"HX-Request": "true"}


def signed_in(agent: Agent) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(agent.account)
    return client


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def answer_to(
    company: World, conversation: Conversation, text: str = "It is on its way.", *to: str, **more: Any
) -> Message:
    """Answer at once as the representative and return the message."""
    return reply(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html=f"<div>{text}</div>", to=parse_addresses(to or [ADA]), **more),
        undo=timedelta(0),
    )


def wire(delivery: Delivery) -> bytes:
    """The bytes that the SMTP server is given for a delivery."""
    outgoing, _inbox = build(delivery)
    return compose(outgoing, now=now(), instance=instance_name())


def all_wires() -> list[bytes]:
    return [wire(delivery) for delivery in Delivery.objects.order_by("pk")]


def read_mail(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def readable(content: bytes) -> bytes:
    """The bytes of a mail and, behind them, everything in it decoded: headers, names, texts, files."""
    found = [content]
    for part in read_mail(content).walk():
        found += [f"{name}: {value}".encode() for name, value in part.items()]
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            found.append(payload)
    return b"\n".join(found)


def html_of(content: bytes) -> str:
    body = read_mail(content).get_body(("html",))
    return body.get_content() if body is not None else ""


def last_message(conversation: Conversation) -> Message:
    return conversation.messages.order_by("-pk")[0]


def addresses_on(content: bytes) -> set[str]:
    mail = read_mail(content)
    named = " ".join(str(mail[name]) for name in ("To", "Cc", "Bcc", "Reply-To", "From") if mail[name])
    return set(re.findall(r"[\w.+-]+@[\w.-]+", named))
