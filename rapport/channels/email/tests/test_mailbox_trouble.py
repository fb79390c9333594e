"""What goes wrong at a mailbox is told in words, waits, and stops no mail that can be read."""

import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import override_settings

from rapport.channels.email.models import AfterRead, EmailSettings, MailboxCursor
from rapport.channels.email.receive import imap
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.mailboxes import (
    ADDRESS,
    deliver,
    read_once,
    settings_for,
    subjects,
    until,
    written,
)
from rapport.inboxes.models import Inbox
from rapport.kernel.sentences import say
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.django_db(transaction=True)


def trouble() -> str:
    return say(Inbox.objects.get().trouble)


@contextmanager
def watched(settings: EmailSettings) -> Iterator[threading.Thread]:
    """Watch the mailbox in a thread, as the mail process does."""
    stop = threading.Event()
    thread = threading.Thread(target=imap.watch, args=(settings, stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(20)


def test_an_error_that_nobody_expected_is_told_and_the_thread_goes_on() -> None:
    inbox = make_inbox(ADDRESS, imap_host="mail..example", imap_user="a", imap_secret="b")
    with watched(EmailSettings.objects.get(inbox=inbox)) as thread:
        until(lambda: trouble() != "")
        assert "UnicodeError" in trouble() or "UnicodeEncodeError" in trouble()
        time.sleep(0.2)
        assert thread.is_alive()


@pytest.mark.servers
def test_a_full_disk_of_ours_is_not_worded_as_the_mail_servers(dovecot: Dovecot, tmp_path: Path) -> None:
    mailbox_settings = settings_for(dovecot)
    read_once(mailbox_settings)
    with smtplib.LMTP(dovecot.host, dovecot.lmtp_port) as client:
        client.sendmail("ann@example.org", [ADDRESS], written("large", "x\r\n" * 30_000))
    no_directory = tmp_path / "file"
    no_directory.write_text("in the way")
    with override_settings(DATA=no_directory), watched(mailbox_settings):
        until(lambda: trouble() != "")
        assert dovecot.host not in trouble()
        assert "stays in the mailbox" in trouble()


@pytest.mark.servers
def test_a_wrong_folder_to_move_to_stops_no_new_mail(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot, after_read=AfterRead.MOVE, move_to="No such folder")
    with watched(settings):
        until(MailboxCursor.objects.exists)
        for number in (1, 2):
            deliver(dovecot, number)
            until(lambda seen=number: len(subjects()) == seen)  # type: ignore[misc]
        until(lambda: trouble() != "")
        assert "No such folder" in trouble()
    assert subjects() == ["1", "2"]
