"""Fill the installation of a browser test: ``python -m tests.e2e.seed company PORT``, ``told``, …

Prints JSON. A process of its own, as the tests themselves run Playwright, beside which Django's database
cannot be used.
"""

import json
import re
import sys
from functools import partial

from rapport.config.cli import setup
from tests.servers.process import wait_until

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


def screens() -> dict[str, object]:
    """What the screens need that only stand somewhere once something was done; with its numbers."""
    from io import BytesIO

    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str
    from PIL import Image

    from rapport.canned_replies.actions import Wording, create_canned_reply
    from rapport.channels.email.models import HistoryImport
    from rapport.conversations.actions.edit_tag import create_tag
    from rapport.conversations.models import Attachment, Message
    from rapport.inboxes.models import Inbox
    from rapport.kernel.clock import now
    from rapport.kernel.files.storage import store
    from rapport.notifications.actions.notify import notify
    from rapport.notifications.models import About
    from rapport.staff.actions.create_agent import create_agent
    from rapport.staff.actions.invite import invite
    from rapport.staff.models import Agent
    from rapport.staff.roles import Role
    from tests import world
    from tests.servers.process import wait_until

    boss = Agent.objects.get(role=Role.ADMINISTRATOR)
    inbox = Inbox.objects.order_by("pk")[0]
    unused = Inbox.objects.create(
        name="Unused", address="unused@velonord.example", brand=inbox.brand, team=inbox.team, active=False
    )
    wording = Wording(name="Seen on screens", shortcut="screens", html="<p>Hello</p>")
    raw = world.receive(inbox, world.mail(subject="Seen on screens"))
    # The worker beside us may have been the one to take it.
    wait_until(lambda: Message.objects.filter(raw=raw).exists(), "the mail of the screens", 60)
    conversation = world.conversation_of(raw)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    stored = store(picture.getvalue(), name="picture.png", content_type="image/png")
    Attachment.objects.create(
        file=stored,
        message=conversation.messages.get(),
        name=stored.name,
        content_type="image/png",
        size=stored.size,
    )
    for about in About:
        notify(
            agent_ids=[boss.pk],
            about=about,
            once=f"screens {about}",
            conversation_number=conversation.number,
            inbox=inbox,
        )
    moment = now()
    HistoryImport.objects.create(
        inbox=inbox, state="paused", until=moment, started_at=moment, total=9, done=4
    )
    nora = create_agent(actor=None, address="nora@staff.example", name="Nora Falk")
    link = invite(actor=None, agent=nora)
    key = default_token_generator.make_token(boss.account)
    return {
        "tag": create_tag(actor=boss, name="seen", colour="#667085").pk,
        "canned": create_canned_reply(actor=boss, wording=wording).pk,
        "number": conversation.number,
        "customer": conversation.customer_id,
        "nora": nora.pk,
        "unused": unused.pk,
        "invitation": "/" + link.split("/", 3)[3],
        "reset": f"/accounts/password/reset/key/{user_pk_to_url_str(boss.account)}-{key}/",
    }


def arrival() -> dict[str, object]:
    """The address of the set-up of an installation that nobody works in yet."""
    from rapport.staff.actions.first_administrator import set_up_link

    return {"set_up": "/" + str(set_up_link()).split("/", 3)[3]}


def demo() -> dict[str, object]:
    """A company that says it is the demo, with one customer's mailbox."""
    from rapport.demo.models import Built, CustomerMail
    from rapport.kernel.clock import now
    from tests import world

    made = world.build()
    content = world.mail(subject="Where is it?", text="Where is it?")
    world.receive(made.inbox, content)
    Built.objects.create(at=now(), seed=1, until=now())
    mail = CustomerMail.objects.create(
        mailbox="ada@customer.example",
        sent=True,
        message_id="<1@customer.example>",
        thread="<1@customer.example>",
        subject="Where is it?",
        other="support@velonord.example",
        at=now(),
        content=content,
    )
    return {"mail": mail.pk}


def session(account) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    made = SessionStore()
    made[SESSION_KEY] = str(account.pk)
    made[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    made[HASH_SESSION_KEY] = account.get_session_auth_hash()
    made.save()
    assert made.session_key is not None
    return made.session_key


def settled(pk: int) -> bool:
    from rapport.inboxes.models import RawInbound

    return not RawInbound.objects.filter(pk=pk, state__in=["queued", "running"]).exists()


def hostile(which: str) -> list[dict[str, object]]:
    """Take every hostile mail into the other team's inbox, many to a conversation; say what came of it."""
    from rapport.conversations.models import Message
    from rapport.inboxes.models import Inbox
    from tests.security.hostile import mail_of, payloads
    from tests.world import receive

    inbox = Inbox.objects.get(address="workshop@refit.example")
    found: dict[int, list[int]] = {}
    first = b""
    for number, payload in enumerate(payloads(which)):
        start = number - number % TOGETHER
        content = mail_of(payload, number, to=inbox.address, sender=f"mallory-{which}{start}@evil.example")
        identity = re.search(rb"^Message-ID: (<.*?>)", content, re.MULTILINE)
        assert identity
        first = identity[1] if number == start else first
        raw = receive(inbox, b"In-Reply-To: %s\r\n%s" % (first, content) if number != start else content)
        # The installation's own worker may have taken it first.
        wait_until(partial(settled, raw.pk), "the reading of a mail", 60)
        message = Message.objects.filter(raw=raw).first()
        if message is not None:
            found.setdefault(message.conversation.number, []).append(message.pk)
    return [{"number": number, "messages": messages} for number, messages in found.items()]


def told() -> list[int]:
    """Tell the administrator of trouble with an inbox; return the ids of what the bell has now."""
    from rapport.inboxes.models import Inbox
    from rapport.notifications.actions.notify import notify
    from rapport.notifications.models import About, Notification
    from rapport.staff.models import Agent
    from rapport.staff.roles import Role

    boss = Agent.objects.get(role=Role.ADMINISTRATOR)
    once = f"test:{Notification.objects.count()}"
    notify(agent_ids=[boss.pk], about=About.INBOX, once=once, inbox=Inbox.objects.first())
    return list(Notification.objects.filter(agent=boss).values_list("pk", flat=True))


def trouble(words: str = "") -> None:
    """Let the first inbox have this trouble, or none."""
    from rapport.inboxes.actions.trouble import clear_trouble, report_trouble
    from rapport.inboxes.models import Inbox

    first = Inbox.objects.earliest("pk").pk
    if words:
        report_trouble(inbox_id=first, words=words)
    else:
        clear_trouble(inbox_id=first)


def cleared() -> None:
    """Solve what other tests left open, so that the whole list is one page."""
    from rapport.conversations.actions.set_status import set_status
    from rapport.conversations.models import ENDED, Conversation, Status
    from rapport.staff.models import Agent
    from rapport.staff.roles import Role

    boss = Agent.objects.get(role=Role.ADMINISTRATOR)
    for pk in Conversation.objects.exclude(status__in=ENDED).values_list("pk", flat=True):
        set_status(agent=boss, conversation_id=pk, status=Status.SOLVED)


def crowd(subject: str, number: int) -> None:
    """Let so many mails with a subject stand in the lists, after everything else was solved."""
    from rapport.conversations.models import Conversation
    from rapport.inboxes.actions.store_raw import store_raw
    from rapport.inboxes.models import Inbox
    from tests import world
    from tests.servers.process import wait_until

    cleared()
    inbox = Inbox.objects.earliest("pk")
    for each in range(number):
        content = world.mail(subject=f"{subject} {each}", sender=f"c{each}@crowd.example")
        store_raw(inbox=inbox, content=content, source="pipe")
    came = Conversation.objects.filter(subject__startswith=subject)
    wait_until(lambda: came.count() == number, "the mails of a crowd", 60)


if __name__ == "__main__":
    setup.start()
    part, *given = sys.argv[1:]
    parts = {
        "company": lambda: company(int(*given)),
        "hostile": lambda: hostile(*given),
        "cleared": cleared,
        "crowd": lambda: crowd(given[0], int(given[1])),
        "told": told,
        "trouble": lambda: trouble(*given),
        "screens": screens,
        "arrival": arrival,
        "demo": demo,
    }
    print(json.dumps(parts[part]()))
