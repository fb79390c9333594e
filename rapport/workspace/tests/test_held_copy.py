"""A restored copy that holds says so, wherever somebody waits for what it does not do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation
from rapport.inboxes.contract import Address
from rapport.kernel.jobs.hold import hold, resume
from rapport.staff.roles import Role
from rapport.workspace.tests.conftest import signed_in
from tests.world import World

BAR = 'class="hold-bar"'
REASON = "this restored copy sends nothing"


@pytest.mark.parametrize("address", ["/", "/search", "/settings/queues"])
def test_a_copy_that_holds_told_nobody(company: World, address: str) -> None:
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    assert BAR not in client.get(address).content.decode()
    hold("restored from copy.tar")
    assert BAR in client.get(address).content.decode()
    resume()
    assert BAR not in client.get(address).content.decode()


def test_saying_it_costs_no_query(company: World, conversation: Conversation) -> None:
    client = signed_in(company.agent())
    counts = []
    for act in (client.session.save, lambda: hold("restored from copy.tar")):
        act()
        client.get(f"/conversations/{conversation.number}")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/conversations/{conversation.number}")
        counts.append([query["sql"] for query in asked if "jobs_hold" in query["sql"]])
    assert [len(each) for each in counts] == [1, 1]
    assert all("staff_account" in sql for each in counts for sql in each)


def test_an_answer_in_a_copy_that_holds_stayed_queued_without_a_reason(
    company: World, conversation: Conversation
) -> None:
    agent = company.agent()
    answer = Answer(html="<p>On its way.</p>", to=(Address("ada@customer.example"),))
    reply(agent=agent, conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    client = signed_in(agent)
    assert REASON not in client.get(f"/conversations/{conversation.number}").content.decode()
    hold("restored from copy.tar")
    assert REASON in client.get(f"/conversations/{conversation.number}").content.decode()
    assert REASON in client.get(f"/conversations/{conversation.number}/entries?after=1").content.decode()
