"""REL-03: the receivers against a real Dovecot and a real Postfix; nothing is missed, nothing is doubled."""

import email
import imaplib
import itertools
import os
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection

from rapport.channels.email import smtp
from rapport.channels.email.check import check
from rapport.channels.email.models import (
    AfterRead,
    EmailSettings,
    History,
    HistoryImport,
    ImportState,
    Incoming,
    MailboxCursor,
    Outgoing,
    Security,
)
from rapport.channels.email.receive import history, imap, mail, mailbox
from rapport.channels.email.receive.folder import read_folder
from rapport.channels.email.send import send
from rapport.channels.email.tests.conftest import make_inbox
from rapport.inboxes.contract import Address, OutgoingMessage
from rapport.inboxes.models import Inbox, RawBody, RawInbound
from rapport.kernel import clock
from rapport.kernel.sentences import say
from tests.servers.dovecot import Dovecot
from tests.servers.dovecot import dovecot as start_dovecot
from tests.servers.postfix import Postfix

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
ADDRESS = "help@shop.example"
LONG = bool(os.environ.get("RAPPORT_LONG_TESTS"))
BACKLOG = 100_000 if LONG else 600


def written(number: int | str, body: str = "Hello") -> bytes:
    identity = f"Message-ID: <{number}@example.org>"
    head = f"{identity}\r\nFrom: ann@example.org\r\nTo: {ADDRESS}\r\nSubject: {number}\r\n"
    return f"{head}\r\n{body} {number}\r\n".encode()


def deliver(server: Dovecot, *numbers: int | str, to: str = ADDRESS) -> None:
    with smtplib.LMTP(server.host, server.lmtp_port) as client:
        for number in numbers:
            client.sendmail("ann@example.org", [to], written(number))


def settings_for(server: Dovecot, **more: object) -> EmailSettings:
    values = {
        "incoming": Incoming.IMAP,
        "imap_host": server.host,
        "imap_port": server.imap_port,
        "imap_security": Security.NONE,
        "imap_user": ADDRESS,
        "imap_secret": server.password,
        **more,
    }
    inbox = make_inbox(ADDRESS, **values)
    return EmailSettings.objects.select_related("inbox").get(inbox=inbox)


def read_once(settings: EmailSettings, folder: str = "INBOX") -> int:
    box = mailbox.connect(settings)
    try:
        return read_folder(box, settings, folder, stopped=lambda: False)
    finally:
        mailbox.close(box)


def subjects() -> list[str]:
    bodies = RawBody.objects.order_by("raw_id").values_list("content", flat=True)
    return [email.message_from_bytes(bytes(each))["Subject"] for each in bodies]


def until(holds: Callable[[], bool], seconds: float = 20.0) -> float:
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - start


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


def flags(server: Dovecot, folder: str = "INBOX") -> list[str]:
    with imaplib.IMAP4(server.host, server.imap_port) as client:
        client.login(ADDRESS, server.password)
        client.select(folder, readonly=True)
        return [line.decode() for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]


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
    with start_dovecot() as first:
        settings_for(first)
        receiving()
        until(MailboxCursor.objects.exists)
        deliver(first, 1)
        until(lambda: subjects() == ["1"])
        import shutil
        import tempfile
        from pathlib import Path

        kept = Path(tempfile.mkdtemp(prefix="rapport-imap-kept-"))
        ports = (first.imap_port, first.lmtp_port)
        shutil.rmtree(kept)
        shutil.copytree(first.path / "mail", kept, symlinks=True)
        owner = first.user
    until(lambda: bool(Inbox.objects.get().trouble), 30)
    assert "127.0.0.1" in Inbox.objects.get().trouble
    from tests.servers.process import folder

    with folder(owner, "rapport-imap") as again:
        shutil.move(kept, again / "mail")
        shutil.chown(again / "mail", owner)
        for path in (again / "mail").rglob("*"):
            shutil.chown(path, owner)
        with start_dovecot(path=again, ports=ports) as second:
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


def test_an_answer_goes_through_postfix_into_a_mailbox(dovecot: Dovecot, postfix_to_dovecot: Postfix) -> None:
    settings = settings_for(
        dovecot,
        outgoing=Outgoing.SMTP,
        smtp_host=postfix_to_dovecot.host,
        smtp_port=postfix_to_dovecot.port,
        smtp_security=Security.NONE,
    )
    identity = f"<rapport.{'a' * 20}.{'b' * 13}@shop.example>"
    receipt = send(
        OutgoingMessage(
            identity=identity,
            sender=Address(ADDRESS, "Vélo Nord"),
            to=(Address("ann@example.org", "Ann Öst"),),
            subject="Ihr Fahrrad 🚲",
            text="Grüße\n",
            html="<p>Grüße</p>",
            references=("<1@example.org>",),
        ),
        settings,
    )
    smtp.close_idle()
    assert receipt.recipients[0].accepted
    postfix_to_dovecot.drain()
    [arrived] = dovecot.messages("ann@example.org")
    found = email.message_from_bytes(arrived, policy=email.policy.default)
    assert (found["Message-ID"], found["Subject"], found["References"]) == (
        identity,
        "Ihr Fahrrad 🚲",
        "<1@example.org>",
    )
    assert check(settings, ADDRESS) == []


def test_what_is_wrong_is_said_in_words(dovecot: Dovecot) -> None:
    def problems(**changed: object) -> list[tuple[str, str]]:
        settings = EmailSettings.objects.get()
        for name, value in changed.items():
            setattr(settings, name, value)
        return [(each.setting, each.words) for each in check(settings, ADDRESS)]

    settings_for(dovecot)
    assert problems() == []
    [(setting, words)] = problems(imap_secret="wrong")
    assert (setting, "password" in words) == ("imap_secret", True)
    [(setting, words)] = problems(imap_folders=["INBOX", "Bestellungen"])
    assert (setting, "Bestellungen" in words, "Junk" in words) == ("imap_folders", True, True)
    assert "no server called" in problems(imap_host="no-such-host.invalid")[0][1]
    assert "refuses the connection" in problems(imap_port=1)[0][1]
    assert "TLS" in problems(imap_security=Security.TLS)[0][1]
    assert problems(imap_security=Security.STARTTLS)
    assert (
        "refuses the connection"
        in problems(outgoing=Outgoing.SMTP, smtp_host="127.0.0.1", smtp_port=1, smtp_security=Security.NONE)[
            0
        ][1]
    )


def test_waiting_grows_and_stays_bounded() -> None:
    assert 1 <= imap.pause(1) <= 2
    assert imap.pause(50) <= imap.LONGEST_PAUSE
    connection.close()
