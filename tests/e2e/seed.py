"""Fill the installation of a browser test: ``python -m tests.e2e.seed company|hostile …``; prints JSON.

A process of its own, as the tests themselves run Playwright, beside which Django's database cannot be used.
"""

import json
import re
import sys

from rapport.config.cli import setup

TWO_FACTORS = "administrator@staff.example"
TOGETHER = 25
"""Hostile mails in one conversation: fewer than a page of its entries."""


def company(sink_port: int) -> dict[str, object]:
    """The small company of the tests, able to send, with a session for each of its agents."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from rapport.channels.email.models import EmailSettings, Incoming, Outgoing, Security
    from rapport.inboxes.models import Inbox
    from rapport.staff.roles import Role
    from tests import world

    made = world.build()
    made.inbox.sender_name = "Velo Nord"
    for inbox in Inbox.objects.all():
        EmailSettings.objects.create(
            inbox=inbox,
            incoming=Incoming.SERVER,
            outgoing=Outgoing.SMTP,
            smtp_host="127.0.0.1",
            smtp_port=sink_port,
            smtp_security=Security.NONE,
        )
    names = [
        "Ines Albers",
        "Robin Quist",
        "Mara Lindqvist",
        "Jonas Weber",
        "Aino Salo",
        "Piet Kamp",
        "Lena Roth",
    ]
    for agent, name in zip(made.agents.values(), names, strict=True):
        agent.name = name
        agent.save()
    boss = made.agents[Role.ADMINISTRATOR].account
    for account in (boss, made.agents[Role.QA_ANALYST].account):
        account.set_password(world.PASSWORD)
        account.save()
    secret = generate_totp_secret()
    TOTP.activate(boss, secret)
    return {
        "secret": secret,
        "sessions": {role.value: session(agent.account) for role, agent in made.agents.items()},
        "names": {role.value: agent.name for role, agent in made.agents.items()},
    }


def session(account) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    made = SessionStore()
    made[SESSION_KEY] = str(account.pk)
    made[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    made[HASH_SESSION_KEY] = account.get_session_auth_hash()
    made.save()
    return made.session_key


def hostile() -> list[dict[str, object]]:
    """Take every hostile mail into the other team's inbox, many to a conversation; say what came of it."""
    from rapport.conversations.models import Message
    from rapport.inboxes.models import Inbox
    from tests.security.hostile import mail_of, payloads
    from tests.world import receive

    inbox = Inbox.objects.get(address="workshop@refit.example")
    found: dict[int, list[int]] = {}
    first = b""
    for number, payload in enumerate(payloads()):
        start = number - number % TOGETHER
        content = mail_of(payload, number, to=inbox.address, sender=f"mallory{start}@evil.example")
        identity = re.search(rb"^Message-ID: (<.*?>)", content, re.MULTILINE)
        assert identity
        first = identity[1] if number == start else first
        raw = receive(inbox, b"In-Reply-To: %s\r\n%s" % (first, content) if number != start else content)
        message = Message.objects.filter(raw=raw).first()
        if message is not None:
            found.setdefault(message.conversation.number, []).append(message.pk)
    return [{"number": number, "messages": messages} for number, messages in found.items()]


if __name__ == "__main__":
    setup.start()
    made = company(int(sys.argv[2])) if sys.argv[1] == "company" else hostile()
    print(json.dumps(made))
