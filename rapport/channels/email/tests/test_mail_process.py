"""The mail process against a real Dovecot and a real Postfix: IDLE, a restart, changed settings."""

import smtplib
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from rapport.channels.email.models import (
    MailboxCursor,
)
from rapport.channels.email.receive import imap, mail
from rapport.channels.email.tests.mailboxes import ADDRESS, deliver, settings_for, subjects, until, written
from rapport.inboxes.models import Inbox
from rapport.kernel.sentences import say
from tests.servers.dovecot import Dovecot
from tests.servers.dovecot import dovecot as start_dovecot
from tests.servers.postfix import Postfix
from tests.servers.process import folder, unprivileged

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def receiving() -> Iterator[Callable[[], None]]:
    """Run the mail process in a thread, from the call on."""
    stop = threading.Event()
    thread = threading.Thread(target=mail.run, args=(stop,))
    yield thread.start
    stop.set()
    if thread.is_alive():
        thread.join(20)
    assert not thread.is_alive()


def test_the_whole_way_in_with_idle_and_a_server_restart(
    dovecot: Dovecot, postfix_to_dovecot: Postfix, receiving: Callable[[], None]
) -> None:
    settings_for(dovecot)
    receiving()
    until(MailboxCursor.objects.exists)
    with smtplib.SMTP(postfix_to_dovecot.host, postfix_to_dovecot.port) as client:
        client.sendmail("ann@example.org", [ADDRESS], written(1))
        until(lambda: subjects() == ["1"])
        deliver(dovecot, 2)
        # IDLE tells it; polling would take 15 seconds.
        assert until(lambda: subjects() == ["1", "2"]) < 5
        dovecot.change_uidvalidity(ADDRESS)
        client.sendmail("ann@example.org", [ADDRESS], written(3))
        postfix_to_dovecot.drain()
    until(lambda: len(subjects()) == 3, 40)
    assert sorted(subjects()) == ["1", "2", "3"]


def test_a_restart_of_the_server_is_told_and_survived(receiving: Callable[[], None]) -> None:
    with folder(unprivileged("dovecot", "mail"), "rapport-imap") as path:
        with start_dovecot(path=path) as first:
            ports = (first.imap_port, first.lmtp_port)
            settings_for(first)
            receiving()
            until(MailboxCursor.objects.exists)
            deliver(first, 1)
            until(lambda: subjects() == ["1"])
        # A server that goes may take a connection and never answer it: that ends after CONNECT_SECONDS.
        until(lambda: bool(Inbox.objects.get().trouble), 90)
        assert "127.0.0.1" in Inbox.objects.get().trouble
        with start_dovecot(path=path, ports=ports) as second:
            deliver(second, 2)
            until(lambda: subjects() == ["1", "2"], 60)
            until(lambda: not Inbox.objects.get().trouble)


def test_changed_settings_are_taken_up(dovecot: Dovecot, receiving: Callable[[], None]) -> None:
    settings = settings_for(dovecot, imap_secret="wrong")
    receiving()
    until(lambda: "password" in say(Inbox.objects.get().trouble))
    settings.imap_secret = dovecot.password
    settings.save()
    until(MailboxCursor.objects.exists)
    until(lambda: not Inbox.objects.get().trouble)
    deliver(dovecot, 1)
    until(lambda: subjects() == ["1"])


def test_waiting_grows_and_stays_bounded() -> None:
    assert 1 <= imap.pause(1) <= 2
    assert imap.pause(50) <= imap.LONGEST_PAUSE
    connection.close()
