"""What a page asks of SQLite does not grow with what the tables hold."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.models import Conversation, Delivery, Folder, Status
from rapport.conversations.queries.lists import View, counts, page
from rapport.conversations.queries.unsent import unsent
from rapport.conversations.searching import MESSAGE, place_of
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.kernel.search.backend import Words
from rapport.kernel.search.index import index
from rapport.kernel.search.search import WINDOW
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World, conversation_of, mail, receive

PAGE = 60
"""More than a page of any list, so that the lists are full from the beginning."""

counted = pytest.mark.skipif(connection.vendor != "sqlite", reason="counts the steps of SQLite's machine")
SEARCHES = (
    "wheel",
    "rare",
    "wheel number",
    '"wheel number"',
    "wheel is:open",
    "wheel is:unread -tag:late",
    "wheel from:customer after:2020 has:file",
    "wheel -absent",
)
STATEMENTS = 15
"""What the page of a search asks at most."""


def steps_of(work: Callable[[], object]) -> int:
    """Return how many hundreds of instructions SQLite's virtual machine ran meanwhile."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection.connection.set_progress_handler(count, 100)
    try:
        work()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return counted


def more(company: World, count: int) -> Conversation:
    """Receive ``count`` mails, each of somebody else, and return the last one's conversation."""
    for number in range(count):
        sender = f"{company.inbox.pk}-{Conversation.objects.count()}@customer.example"
        found = conversation_of(receive(company.inbox, mail(sender=sender, subject=f"Wheel {number}")))
    return found


def said_often(company: World, conversations: list[Conversation], count: int) -> None:
    """Index as many messages with a common word as a search looks at, and more."""
    start = Conversation.objects.count() * 1000
    for number in range(start, start + count):
        words = Words(
            subject="rare" if number == start else "", sender="customer", recipients="", body="wheel number"
        )
        place = place_of(conversations[number % len(conversations)], has_file=bool(number % 2))
        index(MESSAGE, number, at=now(), place=place, public=words)


def statements_of(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        work()
    return len(queries)


@counted
@pytest.mark.parametrize("path", ["/inbox/all", "/inbox/unassigned", "/conversations/{number}"])
def test_a_page_takes_as_many_steps_in_a_large_company(company: World, path: str) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    address = path.format(number=more(company, PAGE).number)
    client.get(address)
    before = steps_of(lambda: client.get(address))
    for solved in Conversation.objects.order_by("pk")[: PAGE // 2]:
        Conversation.objects.filter(pk=solved.pk).update(status=Status.SOLVED, folder=Folder.SOLVED)
    more(company, 2 * PAGE)
    client.get(address)
    assert steps_of(lambda: client.get(address)) <= before * 1.3 + 5


@counted
@pytest.mark.parametrize("role", [Role.TEAM_LEAD, Role.MANAGER])
def test_what_was_not_delivered_was_sought_among_everything(company: World, role: Role) -> None:
    agent, view = company.agent(role), View("failed")

    def look() -> None:
        page(agent, view)
        counts(agent, [view])

    Conversation.objects.filter(pk=more(company, PAGE).pk).update(delivery_failed=True)
    look()
    before = steps_of(look)
    more(company, 3 * PAGE)
    assert steps_of(look) <= before + 5


def test_searches_take_as_many_statements_in_a_large_company(company: World) -> None:
    client = signed_in(company.agent(Role.REPRESENTATIVE))

    def statements() -> dict[str, int]:
        return {typed: statements_of(partial(client.get, "/search", {"q": typed})) for typed in SEARCHES}

    more(company, 3)
    said_often(company, list(Conversation.objects.all()), 5)
    statements()
    few = statements()
    more(company, PAGE)
    said_often(company, list(Conversation.objects.all()), 2 * WINDOW)
    many = statements()
    assert {typed: (few[typed], count) for typed, count in many.items() if count > few[typed]} == {}
    assert max(few.values()) <= STATEMENTS


@counted
def test_searches_take_as_many_steps_in_a_large_company(company: World) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))

    def steps() -> dict[str, int]:
        return {typed: steps_of(partial(client.get, "/search", {"q": typed})) for typed in SEARCHES}

    more(company, PAGE)
    conversations = list(Conversation.objects.all())
    said_often(company, conversations, 2 * WINDOW)
    steps()
    few = steps()
    more(company, 1)
    said_often(company, conversations, 4 * WINDOW)
    many = steps()
    assert {
        typed: (few[typed], count) for typed, count in many.items() if count > few[typed] * 1.3 + 15
    } == {}


@counted
def test_what_waits_to_be_sent_was_sought_among_all_that_was_sent(company: World) -> None:
    conversation, at = more(company, 1), now()

    def sent(count: int) -> None:
        Delivery.objects.bulk_create(
            Delivery(conversation=conversation, state=State.DONE, created_at=at, sent_at=at)
            for _ in range(count)
        )

    sent(10)
    unsent()
    before = steps_of(unsent)
    sent(2000)
    assert steps_of(unsent) <= before + 5
