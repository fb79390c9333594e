"""Fill an empty installation with conversations, by bulk inserts: ``python -m benchmarks.fill 100000``."""

import argparse
import os
import random
import time
from datetime import timedelta

import django

WORDS = (
    "wheel brake saddle chain parcel order invoice refund colour size battery charger helmet "
    "pedal spoke tyre tube frame fork handlebar light lock pump bag rack fender delivery "
    "address carrier tracking number return exchange warranty crack noise loose broken missing "
    "late early wrong right please thanks hello regards question answer tomorrow yesterday "
    "today week month price discount voucher code account password mail phone shop workshop "
).split()
RARE = "quetzalcoatl"


def main() -> None:
    """Create the rows; prints how long each part took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("conversations", type=int, nargs="?", default=100_000)
    parser.add_argument("--open", type=int, default=2_000, help="how many of them are open")
    parser.add_argument("--no-search", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from rapport.kernel.search import index

    call_command("migrate", verbosity=0)
    fill(given.conversations, given.open)
    if not given.no_search:
        started = time.perf_counter()
        documents = index.rebuild()
        while index.merge():
            pass
        print(f"indexed and merged {documents} documents in {time.perf_counter() - started:.0f} s")
    # Last: while it believed that the index is empty, SQLite read all of it for each segment that it removed.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def fill(total: int, opened: int) -> None:
    """Create people and conversations with four messages each; one in thousand has twenty."""
    from django.db import transaction

    from rapport.staff.models import Account, Agent, Brand, Team

    started = time.perf_counter()
    chance = random.Random(7)
    brands = [Brand.objects.create(name=f"Brand {n}") for n in range(2)]
    teams = [Team.objects.create(name=f"Team {n}") for n in range(4)]
    agents: list[Agent] = []
    for role in ("administrator", "manager", "team_lead", "specialist", *["representative"] * 10):
        account = Account.objects.create_user(f"{role}{len(agents)}@bench.example", "correct horse battery")
        agent = Agent.objects.create(account=account, name=f"{role.title()} {len(agents)}", role=role)
        agent.teams.set(teams[:2])
        agent.brands.set(brands)
        agents.append(agent)
    for start in range(0, total, 5_000):
        with transaction.atomic():
            _batch(chance, start, min(5_000, total - start), total - opened, brands, teams, agents)
    print(f"{total} conversations in {time.perf_counter() - started:.0f} s")


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def _batch(chance, start, size, first_open, brands, teams, agents) -> None:  # type: ignore[no-untyped-def]
    from rapport.conversations import models as m
    from rapport.customers.models import Customer, Identity, NameWord
    from rapport.customers.names import words_of
    from rapport.inboxes.models import Inbox
    from rapport.kernel.clock import now

    inboxes = list(Inbox.objects.all()) or [
        Inbox.objects.create(
            name=f"Inbox {n}", address=f"inbox{n}@bench.example", brand=brands[n % 2], team=teams[n % 4]
        )
        for n in range(6)
    ]
    base = now() - timedelta(days=400)
    people = Customer.objects.bulk_create(
        Customer(name=f"{_sentence(chance, 2).title()}", created_at=base) for _ in range(size // 3 + 1)
    )
    NameWord.objects.bulk_create(
        NameWord(customer=person, word=word) for person in people for word in words_of(person.name)
    )
    identities = Identity.objects.bulk_create(
        Identity(customer=person, value=f"c{start}-{n}@customer.example", created_at=base)
        for n, person in enumerate(people)
    )
    conversations, messages, entries = [], [], []
    for n in range(size):
        number = start + n
        is_open = number >= first_open
        at = base + timedelta(seconds=300 * number + chance.random() * 300)
        inbox = chance.choice(inboxes)
        who = chance.randrange(len(people))
        count = 20 if number % 1000 == 999 else 4
        conversations.append(
            m.Conversation(
                subject=_sentence(chance, 6),
                status="open" if is_open else "solved",
                folder="open" if is_open else "solved",
                customer=people[who],
                identity=identities[who],
                inbox=inbox,
                brand_id=inbox.brand_id,
                team_id=inbox.team_id,
                assignee=chance.choice(agents) if chance.random() < 0.7 else None,
                last_seq=count,
                news_seq=count,
                preview=_sentence(chance, 16)[:160],
                message_count=count,
                created_at=at,
                last_message_at=at,
            )
        )
    m.Conversation.objects.bulk_create(conversations)
    m.ConversationInbox.objects.bulk_create(
        m.ConversationInbox(
            conversation=c,
            inbox_id=c.inbox_id,
            team_id=c.team_id,
            folder=c.folder,
            assigned=c.assignee_id is not None,
            last_message_at=c.last_message_at,
        )
        for c in conversations
    )
    m.Participant.objects.bulk_create(
        m.Participant(conversation=c, address=f"p{c.pk}@customer.example") for c in conversations
    )
    for conversation in conversations:
        for seq in range(1, conversation.message_count + 1):
            text = _sentence(chance, 40)
            if conversation.pk % 25_000 == 0 and seq == 1:
                text += f" {RARE}"
            messages.append(
                m.Message(
                    conversation=conversation,
                    direction="in" if seq % 2 else "out",
                    agent=None if seq % 2 else agents[-1],
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
            )
    m.Message.objects.bulk_create(messages)
    seqs: dict[int, int] = {}
    for message in messages:
        seqs[message.conversation_id] = seq = seqs.get(message.conversation_id, 0) + 1
        incoming = message.direction == "in"
        entries.append(
            m.Entry(
                conversation_id=message.conversation_id,
                seq=seq,
                kind="message.received" if incoming else "message.sent",
                actor_kind="customer" if incoming else "agent",
                actor_id=None if incoming else agents[-1].pk,
                audience="public",
                occurred_at=message.created_at,
                recorded_at=message.created_at,
                payload={"message_id": message.pk, "delivery_id": None},
            )
        )
    m.Entry.objects.bulk_create(entries)


if __name__ == "__main__":
    main()
