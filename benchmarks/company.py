"""A company of the size that is measured: who works there, and conversations with their messages.

Imports the models: only after ``django.setup()``.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from rapport.conversations.models import (
    Conversation,
    ConversationInbox,
    Entry,
    Message,
    Participant,
)
from rapport.customers.models import Customer, Identity, NameWord
from rapport.customers.names import words_of
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.staff.models import Account, Agent, Brand, Team

WORDS = (
    "wheel brake saddle chain parcel order invoice refund colour size battery charger helmet "
    "pedal spoke tyre tube frame fork handlebar light lock pump bag rack fender delivery "
    "address carrier tracking number return exchange warranty crack noise loose broken missing "
    "late early wrong right please thanks hello regards question answer tomorrow yesterday "
    "today week month price discount voucher code account password mail phone shop workshop "
).split()
RARE = "quetzalcoatl"
BATCH = 5_000
LONG = 20
"""Messages of one conversation in thousand."""
SHORT = 4
"""Messages of every other one."""


@dataclass(frozen=True)
class Company:
    """Who works there and where mail comes in."""

    agents: list[Agent]
    inboxes: list[Inbox]
    founded: datetime


def company() -> Company:
    """Create the staff, teams, brands and inboxes."""
    brands = [Brand.objects.create(name=f"Brand {n}") for n in range(2)]
    teams = [Team.objects.create(name=f"Team {n}") for n in range(4)]
    agents: list[Agent] = []
    for role in ("administrator", "manager", "team_lead", "specialist", *["representative"] * 10):
        account = Account.objects.create_user(f"{role}{len(agents)}@bench.example", "correct horse battery")
        agent = Agent.objects.create(account=account, name=f"{role.title()} {len(agents)}", role=role)
        agent.teams.set(teams[:2])
        agent.brands.set(brands)
        agents.append(agent)
    inboxes = [
        Inbox.objects.create(
            name=f"Inbox {n}", address=f"inbox{n}@bench.example", brand=brands[n % 2], team=teams[n % 4]
        )
        for n in range(6)
    ]
    return Company(agents, inboxes, now() - timedelta(days=400))


def fill(total: int, opened: int) -> None:
    """Create the company and its conversations, the last ``opened`` of them open."""
    chance, made = random.Random(7), company()
    for start in range(0, total, BATCH):
        with transaction.atomic():
            identities = _people(chance, made, start, min(BATCH, total - start))
            numbers = range(start, min(start + BATCH, total))
            conversations = [
                _conversation(chance, made, number, identities, is_open=number >= total - opened)
                for number in numbers
            ]
            _store(conversations)
            messages = [
                _message(chance, made, conversation, seq)
                for conversation in conversations
                for seq in range(1, conversation.message_count + 1)
            ]
            Message.objects.bulk_create(messages)
            _entries(made, messages)


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def _people(chance: random.Random, made: Company, start: int, conversations: int) -> list[Identity]:
    people = Customer.objects.bulk_create(
        Customer(name=_sentence(chance, 2).title(), created_at=made.founded)
        for _ in range(conversations // 3 + 1)
    )
    NameWord.objects.bulk_create(
        NameWord(customer=person, word=word) for person in people for word in words_of(person.name)
    )
    return Identity.objects.bulk_create(
        Identity(customer=person, value=f"c{start}-{n}@customer.example", created_at=made.founded)
        for n, person in enumerate(people)
    )


def _conversation(
    chance: random.Random, made: Company, number: int, identities: list[Identity], *, is_open: bool
) -> Conversation:
    at = made.founded + timedelta(seconds=300 * number + chance.random() * 300)
    inbox, who = chance.choice(made.inboxes), chance.choice(identities)
    count = LONG if number % 1000 == 999 else SHORT
    return Conversation(
        subject=_sentence(chance, 6),
        status="open" if is_open else "solved",
        folder="open" if is_open else "solved",
        customer=who.customer,
        identity=who,
        inbox=inbox,
        brand_id=inbox.brand_id,
        team_id=inbox.team_id,
        assignee=chance.choice(made.agents) if chance.random() < 0.7 else None,
        last_seq=count,
        news_seq=count,
        preview=_sentence(chance, 16)[:160],
        message_count=count,
        created_at=at,
        last_message_at=at,
    )


def _store(conversations: list[Conversation]) -> None:
    Conversation.objects.bulk_create(conversations)
    ConversationInbox.objects.bulk_create(
        ConversationInbox(
            conversation=each,
            inbox_id=each.inbox_id,
            team_id=each.team_id,
            folder=each.folder,
            assigned=each.assignee_id is not None,
            last_message_at=each.last_message_at,
        )
        for each in conversations
    )
    Participant.objects.bulk_create(
        Participant(conversation=each, address=f"p{each.pk}@customer.example") for each in conversations
    )


def _message(chance: random.Random, made: Company, conversation: Conversation, seq: int) -> Message:
    text = _sentence(chance, 40)
    if conversation.pk % 25_000 == 0 and seq == 1:
        text += f" {RARE}"
    return Message(
        conversation=conversation,
        direction="in" if seq % 2 else "out",
        agent=None if seq % 2 else made.agents[-1],
        inbox_id=conversation.inbox_id,
        sender_name="Somebody",
        sender_address="somebody@customer.example",
        to=[{"address": "inbox@bench.example", "name": ""}],
        subject=conversation.subject,
        html=f"<p>{text}</p>",
        text=text,
        identity=f"<{conversation.pk}.{seq}@bench.example>",
        created_at=conversation.created_at + timedelta(minutes=97 * (seq - 1)),
    )


def _entries(made: Company, messages: list[Message]) -> None:
    entries, seqs = [], dict[int, int]()
    for message in messages:
        seqs[message.conversation_id] = seq = seqs.get(message.conversation_id, 0) + 1
        incoming = message.direction == "in"
        entries.append(
            Entry(
                conversation_id=message.conversation_id,
                seq=seq,
                kind="message.received" if incoming else "message.sent",
                actor_kind="customer" if incoming else "agent",
                actor_id=None if incoming else made.agents[-1].pk,
                audience="public",
                occurred_at=message.created_at,
                recorded_at=message.created_at,
                payload={"message_id": message.pk, "delivery_id": None},
            )
        )
    Entry.objects.bulk_create(entries)
