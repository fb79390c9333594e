"""Earlier mail may be wanted only once the mailbox has been connected for a while."""

import threading
from datetime import timedelta

import pytest

from rapport.channels.email.actions.connect import connect
from rapport.channels.email.actions.undo_import import undo_import
from rapport.channels.email.models import EmailSettings, History, HistoryImport, ImportState, MailboxCursor
from rapport.channels.email.receive import history
from rapport.channels.email.tests.mailboxes import deliver, read_once, settings_for
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel import clock
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role
from tests.servers.dovecot import Dovecot


@pytest.fixture
def watched(inbox: Inbox) -> Inbox:
    """An inbox whose mailbox has been watched since yesterday, from then on."""
    MailboxCursor.objects.create(
        inbox=inbox, folder="INBOX", uidvalidity=7, last_uid=9, since=clock.now() - timedelta(days=1)
    )
    return inbox


def wish(inbox: Inbox, history: History, days: int = 30) -> None:
    connect(actor=None, inbox=inbox, values={"history": history, "history_days": days})


def test_earlier_mail_wanted_after_connecting_never_came(watched: Inbox) -> None:
    wish(watched, History.EVERYTHING)
    (begun,) = HistoryImport.objects.all()
    assert (begun.state, begun.since, begun.done) == (ImportState.RUNNING, None, 0)
    connected = MailboxCursor.objects.get().since
    assert connected <= begun.until <= connected + timedelta(minutes=5)


def test_saving_anything_else_begins_nothing(watched: Inbox) -> None:
    connect(actor=None, inbox=watched, values={"authserv_id": "mx.shop.example"})
    wish(watched, History.FROM_NOW, days=90)
    assert not HistoryImport.objects.exists()


def test_before_the_first_look_the_receiver_begins_it(inbox: Inbox) -> None:
    wish(inbox, History.DAYS)
    assert not HistoryImport.objects.exists()


def test_more_days_than_were_taken_over_come_too(watched: Inbox) -> None:
    wish(watched, History.DAYS, days=30)
    HistoryImport.objects.update(state=ImportState.DONE, position=[5.0, "INBOX", 3], done=3)
    wish(watched, History.DAYS, days=400)
    first, second = HistoryImport.objects.order_by("pk")
    assert (first.state, second.state, second.position) == (ImportState.DONE, ImportState.RUNNING, [])
    assert first.since and second.since
    assert first.since - second.since > timedelta(days=360)


@pytest.mark.parametrize("state", [ImportState.RUNNING, ImportState.PAUSED])
def test_an_import_on_its_way_goes_further_back(watched: Inbox, state: ImportState) -> None:
    wish(watched, History.DAYS, days=30)
    HistoryImport.objects.update(state=state, position=[5.0, "INBOX", 3])
    wish(watched, History.EVERYTHING)
    former, further = HistoryImport.objects.order_by("pk")
    assert former.state == ImportState.DONE
    assert (further.state, further.since, further.position) == (state, None, [])


def test_what_was_taken_back_does_not_begin_by_itself(watched: Inbox) -> None:
    account = Account.objects.create(email="ada@staff.example")
    agent = Agent.objects.create(account=account, name="Ada", role=Role.ADMINISTRATOR)
    wish(watched, History.DAYS)
    undo_import(actor=agent, inbox=watched)
    wish(watched, History.FROM_NOW)
    assert HistoryImport.objects.get().state == ImportState.UNDONE
    assert EmailSettings.objects.get().history == History.FROM_NOW


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_the_mailbox_gives_what_stood_in_it(dovecot: Dovecot) -> None:
    deliver(dovecot, "old", "older")
    settings = settings_for(dovecot)
    read_once(settings)
    deliver(dovecot, "new")
    read_once(settings)
    wish(settings.inbox, History.EVERYTHING)
    ((again, import_id),) = history.running()
    history.take_over(again, import_id, threading.Event())
    assert HistoryImport.objects.get().state == ImportState.DONE
    rows = RawInbound.objects.order_by("pk").values_list("origin", flat=True)
    assert list(rows) == ["live", "import", "import"]
