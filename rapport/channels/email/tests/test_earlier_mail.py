"""Taking over earlier mail from a real Dovecot: its order, its folders, some days of it, a pause."""

import email
import imaplib
import threading
from datetime import timedelta

import pytest

from rapport.channels.email.models import (
    History,
    HistoryImport,
    ImportState,
)
from rapport.channels.email.receive import history
from rapport.channels.email.tests.mailboxes import (
    ADDRESS,
    deliver,
    read_once,
    settings_for,
    subjects,
    written,
)
from rapport.inboxes.models import RawInbound
from rapport.kernel import clock
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def test_history_comes_oldest_first_with_sent_mail_and_subfolders(dovecot: Dovecot) -> None:
    deliver(dovecot, "a", "b")
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(ADDRESS, dovecot.password)
        client.create("INBOX/Orders")
        client.create("Elsewhere")
        long_ago = imaplib.Time2Internaldate(clock.now() - timedelta(days=90))
        client.append("INBOX/Orders", "", long_ago, written("oldest"))
        client.append("Elsewhere", "", long_ago, written("not ours"))
        last_week = imaplib.Time2Internaldate(clock.now() - timedelta(days=7))
        client.append("Sent", "", last_week, written("answer"))
    settings = settings_for(dovecot, history=History.EVERYTHING, sent_folder="Sent")
    read_once(settings)
    deliver(dovecot, "live")
    read_once(settings)
    [(found, import_id)] = list(history.running())
    history.take_over(found, import_id, threading.Event())
    rows = RawInbound.objects.order_by("received_at").select_related("body")
    told = [(email.message_from_bytes(bytes(r.body.content))["Subject"], r.origin, r.source) for r in rows]
    assert told[:2] == [("oldest", "import", "imap"), ("answer", "import", "sent")]
    assert sorted(told[2:]) == [("a", "import", "imap"), ("b", "import", "imap"), ("live", "live", "imap")]
    row = HistoryImport.objects.get()
    assert (row.state, row.total, row.done) == (ImportState.DONE, 4, 4)


def test_history_of_some_days_can_be_paused_and_goes_on(dovecot: Dovecot) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(ADDRESS, dovecot.password)
        for days in (90, 20, 10, 5):
            at = imaplib.Time2Internaldate(clock.now() - timedelta(days=days))
            client.append("INBOX", "", at, written(days))
    settings = settings_for(dovecot, history=History.DAYS, history_days=30)
    read_once(settings)
    [(found, import_id)] = list(history.running())
    HistoryImport.objects.update(state=ImportState.PAUSED)
    history.take_over(found, import_id, threading.Event())
    assert subjects() == []
    HistoryImport.objects.update(state=ImportState.RUNNING)
    history.take_over(found, import_id, threading.Event())
    assert subjects() == ["20", "10", "5"]
    history.take_over(found, import_id, threading.Event())
    assert len(subjects()) == 3
