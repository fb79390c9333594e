"""REL-03: reading a mailbox of a real Dovecot; nothing is missed, nothing is doubled."""

import imaplib
import itertools
import os
import time
from datetime import timedelta

import pytest

from rapport.channels.email.models import (
    AfterRead,
    MailboxCursor,
)
from rapport.channels.email.receive import mailbox
from rapport.channels.email.receive.folder import read_folder
from rapport.channels.email.tests.mailboxes import (
    ADDRESS,
    deliver,
    flags,
    read_once,
    settings_for,
    subjects,
    written,
)
from rapport.inboxes.models import RawBody, RawInbound
from rapport.kernel import clock
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
LONG = bool(os.environ.get("RAPPORT_LONG_TESTS"))
BACKLOG = 100_000 if LONG else 600


def test_only_what_comes_after_connecting_is_read_and_stays_unread(dovecot: Dovecot) -> None:
    deliver(dovecot, "old")
    settings = settings_for(dovecot)
    read_once(settings)
    assert subjects() == []
    deliver(dovecot, 1, 2, 3)
    assert read_once(settings) == 3
    assert read_once(settings) == 0
    assert subjects() == ["1", "2", "3"]
    assert not any("Seen" in each for each in flags(dovecot))
    assert MailboxCursor.objects.get().last_uid == 4


def test_bytes_come_as_they_stand_in_the_mailbox(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot)
    read_once(settings)
    deliver(dovecot, 1)
    read_once(settings)
    stored = bytes(RawBody.objects.get().content)
    assert stored.replace(b"\r\n", b"\n") == dovecot.messages(ADDRESS)[0].replace(b"\r\n", b"\n")


def test_a_copy_that_came_by_another_way_is_one_row(dovecot: Dovecot) -> None:
    from rapport.inboxes.actions.store_raw import store_raw

    settings = settings_for(dovecot)
    read_once(settings)
    store_raw(inbox=settings.inbox, content=written(1).replace(b"\r\n", b"\n"), source="pipe")
    deliver(dovecot, 1, 2)
    read_once(settings)
    assert subjects() == ["1", "2"]


def test_after_a_change_of_uidvalidity_all_is_looked_through_and_nothing_doubled(dovecot: Dovecot) -> None:
    deliver(dovecot, "old")
    settings = settings_for(dovecot)
    read_once(settings)
    # Old enough that the tolerance for the server's clock does not take it in.
    MailboxCursor.objects.update(since=clock.now() - timedelta(seconds=1))
    time.sleep(1.1)
    deliver(dovecot, 1, 2, 3)
    read_once(settings)
    deliver(dovecot, 4)
    before = MailboxCursor.objects.get().uidvalidity
    dovecot.change_uidvalidity(ADDRESS)
    read_once(settings)
    deliver(dovecot, 5)
    read_once(settings)
    assert MailboxCursor.objects.get().uidvalidity != before
    assert sorted(set(subjects()) - {"old"}) == ["1", "2", "3", "4", "5"]
    assert len(subjects()) == len(set(subjects()))


def test_an_expunge_by_somebody_else_leaves_no_gap(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot)
    read_once(settings)
    deliver(dovecot, 1, 2, 3, 4)
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(ADDRESS, dovecot.password)
        client.select("INBOX")
        client.store("1", "+FLAGS", r"(\Deleted)")
        client.store("3", "+FLAGS", r"(\Deleted)")
        client.expunge()
    read_once(settings)
    deliver(dovecot, 5)
    read_once(settings)
    assert subjects() == ["2", "4", "5"]


def test_days_of_outage_leave_a_backlog_that_is_taken_in_whole_and_in_pieces(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The numbers of all mails fill more than one line that imaplib reads, as those of 150,000 do really.
    monkeypatch.setattr(imaplib, "_MAXLINE", max(1_000_000, BACKLOG * 6) if LONG else 2_000)
    settings = settings_for(dovecot)
    with clock.travel(clock.now() - timedelta(hours=72)):
        read_once(settings)
    dovecot.put(ADDRESS, (written(number) for number in range(BACKLOG)))
    box, looks = mailbox.connect(settings), itertools.count()
    read_folder(box, settings, "INBOX", stopped=lambda: next(looks) >= BACKLOG // 3)
    mailbox.close(box)
    assert RawInbound.objects.count() == MailboxCursor.objects.get().last_uid == BACKLOG // 3
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(ADDRESS, dovecot.password)
        client.select("INBOX")
        client.store(f"{BACKLOG // 2}:{BACKLOG // 2 + 9}", "+FLAGS", r"(\Deleted)")
        client.expunge()
    read_once(settings)
    assert read_once(settings) == 0
    came, written_down = subjects(), {str(number) for number in range(BACKLOG)}
    assert (len(came), len(set(came)), len(written_down - set(came))) == (BACKLOG - 10, BACKLOG - 10, 10)
    dovecot.change_uidvalidity(ADDRESS)
    read_once(settings)
    assert sorted(subjects()) == sorted(came)
    assert MailboxCursor.objects.get().last_uid == BACKLOG - 10


def test_a_mail_that_goes_while_it_is_read_is_passed_over(dovecot: Dovecot) -> None:
    settings = settings_for(dovecot)
    read_once(settings)
    deliver(dovecot, 1)
    box = mailbox.connect(settings)
    mailbox.open_folder(box, "INBOX")
    assert mailbox.content(box, 999) is None
    mailbox.close(box)


def test_marks_and_moves_follow_the_commit_and_are_made_up_for(dovecot: Dovecot) -> None:
    deliver(dovecot, "old")
    settings = settings_for(dovecot, after_read=AfterRead.SEEN)
    read_once(settings)
    deliver(dovecot, 1)
    read_once(settings)
    assert [("Seen" in each) for each in flags(dovecot)] == [False, True]
    settings.after_read, settings.move_to = AfterRead.MOVE, "Junk"
    deliver(dovecot, 2)
    read_once(settings)
    assert len(dovecot.messages(ADDRESS, "Junk")) == 1
    deliver(dovecot, 3)
    read_once(settings)
    # As after a crash between the commit and the move.
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port) as client:
        client.login(ADDRESS, dovecot.password)
        client.append("INBOX", "", None, written(4))
    settings.after_read = AfterRead.LEAVE
    read_once(settings)
    MailboxCursor.objects.update(tidied_uid=4)
    settings.after_read = AfterRead.MOVE
    read_once(settings)
    assert len(dovecot.messages(ADDRESS, "Junk")) == 3
    assert len(dovecot.messages(ADDRESS)) == 2
    assert subjects() == ["1", "2", "3", "4"]
