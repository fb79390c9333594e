"""An inbox that is connected to another mailbox, or to the same one under another name, loses no mail."""

import threading
from datetime import timedelta

import pytest

from rapport.channels.email.actions.connect import connect
from rapport.channels.email.models import EmailSettings, History, HistoryImport, ImportState, MailboxCursor
from rapport.channels.email.receive import history, mailbox
from rapport.channels.email.receive.folder import read_folder
from rapport.channels.email.tests.mailboxes import ADDRESS, deliver, read_once, settings_for, subjects
from rapport.inboxes.models import Inbox
from rapport.kernel import clock
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
OTHER = "service@shop.example"


def moved(settings: EmailSettings, **values: object) -> EmailSettings:
    """Connect the inbox elsewhere, where the folder has the same UIDVALIDITY."""
    elsewhere = EmailSettings.objects.select_related("inbox").get(pk=settings.pk)
    for name, value in values.items():
        setattr(elsewhere, name, value)
    box = mailbox.connect(elsewhere)
    MailboxCursor.objects.update(uidvalidity=mailbox.open_folder(box, "INBOX").uidvalidity)
    mailbox.close(box)
    connect(actor=None, inbox=settings.inbox, values={"imap_secret": settings.imap_secret, **values})
    return EmailSettings.objects.select_related("inbox").get(pk=settings.pk)


def test_mail_in_another_mailbox_with_lower_numbers_was_never_read(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot)
    read_once(settings)
    deliver(dovecot, 1, 2, 3, 4, 5)
    read_once(settings)
    settings = moved(settings, imap_user=OTHER)
    deliver(dovecot, "first", "second", to=OTHER)
    read_once(settings)
    assert subjects() == ["1", "2", "3", "4", "5", "first", "second"]
    deliver(dovecot, "third", to=OTHER)
    assert read_once(settings) == 1


def test_what_stood_in_the_other_mailbox_for_long_is_not_taken_for_new(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot)
    read_once(settings)
    deliver(dovecot, "old", to=OTHER)
    later = clock.now() + timedelta(hours=1)
    Inbox.objects.update(last_received_at=later)
    settings = moved(settings, imap_user=OTHER)
    assert read_once(settings) == 1
    assert subjects() == []


def test_what_came_while_the_server_had_another_name_is_read_once(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot, imap_host="localhost")
    read_once(settings)
    deliver(dovecot, 1, 2)
    read_once(settings)
    deliver(dovecot, 3)
    read_once(moved(settings, imap_host=dovecot.host))
    assert subjects() == ["1", "2", "3"]


def test_a_reader_of_the_former_mailbox_does_not_put_its_numbers_back(dovecot: Dovecot) -> None:
    former = settings_for(dovecot)
    read_once(former)
    deliver(dovecot, 1, 2, 3)
    read_once(former)
    deliver(dovecot, "first", to=OTHER)
    settings = moved(former, imap_user=OTHER)
    box = mailbox.connect(EmailSettings(imap_user=ADDRESS, **_same(settings)))
    assert read_folder(box, former, "INBOX", stopped=lambda: False) == 0
    mailbox.close(box)
    read_once(settings)
    assert "first" in subjects()


@pytest.mark.parametrize("standing", [0, 3])
def test_old_mail_of_a_new_mailbox_was_skipped_up_to_where_the_former_one_stood(
    dovecot: Dovecot, standing: int
) -> None:
    """The taking over from the former mailbox goes on for a moment, in a thread of its own."""
    deliver(dovecot, "early", to=OTHER)
    former = settings_for(dovecot, history=History.EVERYTHING)
    deliver(dovecot, *range(standing))
    read_once(former)
    [(former, import_id)] = list(history.running())
    settings = moved(former, imap_user=OTHER)
    history.take_over(former, import_id, threading.Event())
    standing_now = HistoryImport.objects.get()
    assert (standing_now.state, standing_now.position, subjects()) == (ImportState.RUNNING, [], [])
    history.take_over(settings, import_id, threading.Event())
    assert (HistoryImport.objects.get().state, subjects()) == (ImportState.DONE, ["early"])


def _same(settings: EmailSettings) -> dict[str, object]:
    return {
        name: getattr(settings, name) for name in ("imap_host", "imap_port", "imap_security", "imap_secret")
    }
