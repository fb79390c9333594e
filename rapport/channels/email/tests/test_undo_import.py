import pytest
from django.utils.translation import override

from rapport.channels.email.actions.undo_import import to_take_back, undo_import
from rapport.channels.email.models import HistoryImport, ImportState
from rapport.channels.email.tests.test_conformance import written
from rapport.channels.testing.conformance import read_all
from rapport.conversations.models import Conversation
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel import clock
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.kernel.jobs.worker import drain
from rapport.kernel.sentences import say
from rapport.staff.authority import Refused
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role


@pytest.fixture
def agent(inbox: Inbox) -> Agent:
    account = Account.objects.create(email="ada@staff.example")
    agent = Agent.objects.create(account=account, name="Ada", role=Role.ADMINISTRATOR)
    agent.teams.add(inbox.team)
    agent.brands.add(inbox.brand)
    return agent


def test_what_was_taken_over_goes_and_the_rest_stays(inbox: Inbox, agent: Agent) -> None:
    with pytest.raises(Refused):
        undo_import(actor=agent, inbox=inbox)
    HistoryImport.objects.create(inbox=inbox, until=clock.now(), started_at=clock.now())
    for number in (1, 2):
        store_raw(
            inbox=inbox,
            content=written(f"o{number}", f"c{number}@example.org", "Old"),
            source="imap",
            origin="import",
        )
    store_raw(inbox=inbox, content=written("n1", "new@example.org", "New"), source="imap")
    read_all()
    late = store_raw(
        inbox=inbox, content=written("o3", "c3@example.org", "Old"), source="imap", origin="import"
    )
    assert to_take_back(inbox).count() == 2
    undo_import(actor=agent, inbox=inbox)
    drain(["jobs"])
    assert [str(each.identity) for each in Conversation.objects.filter(deleted_at=None)] == [
        "new@example.org"
    ]
    assert RawInbound.objects.get(pk=late.pk).outcome == Outcome.DISMISSED
    assert HistoryImport.objects.get().state == ImportState.UNDONE
    undo_import(actor=agent, inbox=inbox)
    drain(["jobs"])
    assert Conversation.objects.filter(deleted_at=None).count() == 1


def test_a_row_that_is_being_read_while_the_import_is_taken_back_goes_too(inbox: Inbox, agent: Agent) -> None:
    HistoryImport.objects.create(inbox=inbox, until=clock.now(), started_at=clock.now())
    store_raw(inbox=inbox, content=written("o1", "c1@example.org", "Old"), source="imap", origin="import")
    ingest = queue("ingest")
    (being_read,) = claim(ingest.rows(), limit=1, lease=ingest.lease, worker="test", order=ingest.order)
    undo_import(actor=agent, inbox=inbox)
    ingest.handler(being_read)
    drain(["jobs"])
    assert not Conversation.objects.filter(deleted_at=None).exists()
    assert RawInbound.objects.get().outcome == Outcome.DISMISSED


def test_why_a_mail_was_dismissed_was_stored_in_the_language_of_whoever_clicked(
    inbox: Inbox, agent: Agent
) -> None:
    HistoryImport.objects.create(inbox=inbox, until=clock.now(), started_at=clock.now())
    store_raw(inbox=inbox, content=written("o1", "c1@example.org", "Old"), source="imap", origin="import")
    with override("de"):
        undo_import(actor=agent, inbox=inbox)
    reason = RawInbound.objects.get().reason
    with override("en"):
        assert say(reason) == "The import was taken back."
    with override("de"):
        assert say(reason) != "The import was taken back."
