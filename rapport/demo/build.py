"""Building the demo company: the whole story in one transaction, so that it stands entirely or not at all."""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import Max

from rapport.conversations.models import Conversation
from rapport.customers.actions.edit_customer import edit_customer
from rapport.customers.models import Company as Firm
from rapport.customers.models import Identity
from rapport.demo import beside
from rapport.demo.company import Company, found
from rapport.demo.models import Built
from rapport.demo.play import Player
from rapport.demo.story import Story
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now, travel
from rapport.kernel.search import index
from rapport.kernel.stream.models import Origin, PendingReaction

Say = Callable[[str], None]


def progress(text: str) -> None:
    """Show how far it is: on a terminal always on the same line."""
    end = "\r" if sys.stdout.isatty() else "\n"
    sys.stdout.write(f"{text:<76}{end}")
    sys.stdout.flush()


def build(story: Story, *, seed: int, say: Say = progress) -> Company:
    """Play ``story`` into an empty installation. An interruption leaves nothing behind."""
    with _without_collection(), transaction.atomic():
        with travel(story.since):
            company = found(story)
        player = Player(company, undeliverable=beside.undeliverable(story))
        _play(story, player, say)
        say("Building the demo company: customers, calls, trays")
        _introduce(story, company)
        beside.happen(story, company, player.numbers)
        say("Building the demo company: search index")
        _end_the_past()
        Built.objects.create(at=now(), seed=seed, until=story.until)
    return company


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the garbage collector: a fifth of the time goes into looking through what stays anyway."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _play(story: Story, player: Player, say: Say) -> None:
    total, shown = len(story.conversations), time.monotonic()
    for talk, event in story.events():
        player.play(talk, event)
        if time.monotonic() - shown > (0.5 if sys.stdout.isatty() else 5):
            shown = time.monotonic()
            say(f"Building the demo company: {len(player.numbers):,} of {total:,} conversations")


def _introduce(story: Story, company: Company) -> None:
    """Write down what the staff know of the customers who have written."""
    firms = {firm.name: firm for firm in Firm.objects.all()}
    names = {firm.key: firm.name for firm in story.companies}
    known = {row.value: row.customer for row in Identity.objects.select_related("customer__company")}
    for person in story.customers:
        customer = known.get(person.email.lower())
        if customer is None:
            continue
        with travel(customer.created_at + timedelta(minutes=30)):
            edit_customer(
                agent=company.agents["marlene"],
                customer=customer,
                name=customer.name,
                language=person.language,
                time_zone=person.time_zone,
                notes=person.note,
                tags=person.tags,
                company=firms.get(names.get(person.company, "")) or customer.company,
            )


def _end_the_past() -> None:
    """What was played starts nothing; from here on its conversations live like any other."""
    for inbox in Inbox.objects.annotate(newest=Max("raw__received_at")):
        Inbox.objects.filter(pk=inbox.pk).update(last_received_at=inbox.newest)
    PendingReaction.objects.all().delete()
    Conversation.objects.filter(origin=Origin.DEMO).update(origin=Origin.LIVE)
    index.rebuild()
