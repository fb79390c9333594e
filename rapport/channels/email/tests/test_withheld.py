"""A mail that the server has but cannot hand over stops no other, and stands where a person sees it."""

import imaplib
import os
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import connection
from imap_tools.errors import ImapToolsError

from rapport.channels.email.actions.connect import connect
from rapport.channels.email.models import EmailSettings, HistoryImport, Incoming, MailboxCursor, Security
from rapport.channels.email.receive import history, mailbox, withheld
from rapport.channels.email.receive.folder import read_folder
from rapport.channels.email.tests.conftest import make_inbox
from rapport.channels.email.tests.scripted_imap import Folder, imap_server
from rapport.channels.ingest.decide import dismiss, is_retryable, retry
from rapport.conversations.models import Message
from rapport.inboxes.models import WITHHELD, Outcome, RawInbound
from rapport.kernel import clock
from rapport.kernel.jobs.worker import drain
from rapport.kernel.live.models import LiveSignal
from rapport.kernel.sentences import say
from rapport.staff.models import Account, Agent
from rapport.staff.roles import Role
from tests.world import ingest, mail

pytestmark = pytest.mark.django_db(transaction=True)

NO = "NO [SERVERBUG] the item cannot be converted"


def written(number: int) -> bytes:
    return mail(subject=f"{number}", text=f"{number}").replace(b"\n", b"\r\n")


@pytest.fixture(params=[NO, "BAD what is that"])
def folder(request: pytest.FixtureRequest) -> Iterator[Folder]:
    with imap_server(Folder({1: written(1)}, {2: request.param})) as serving:
        yield serving


@pytest.fixture
def settings(folder: Folder) -> EmailSettings:
    inbox = make_inbox(
        incoming=Incoming.IMAP,
        imap_host="127.0.0.1",
        imap_port=folder.port,
        imap_security=Security.NONE,
        imap_user="a",
        imap_secret="b",
    )
    return EmailSettings.objects.select_related("inbox").get(inbox=inbox)


def read(settings: EmailSettings) -> None:
    box = mailbox.connect(settings)
    try:
        read_folder(box, settings, "INBOX", stopped=lambda: False)
    finally:
        mailbox.close(box)


def read_as_often_as_needed(settings: EmailSettings) -> None:
    for _ in range(withheld.ROUNDS - 1):
        with pytest.raises((imaplib.IMAP4.error, ImapToolsError)):
            read(settings)
    read(settings)


def texts() -> list[str]:
    return sorted(Message.objects.values_list("text", flat=True))


@pytest.fixture
def passed_over(folder: Folder, settings: EmailSettings) -> RawInbound:
    read(settings)
    folder.mails |= {2: written(2), 3: written(3)}
    read_as_often_as_needed(settings)
    ingest()
    return RawInbound.objects.get(source=WITHHELD)


def test_one_mail_that_the_server_keeps_back_blocked_the_mailbox(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound
) -> None:
    assert texts() == ["3"]
    assert passed_over.outcome == Outcome.REFUSED
    reason = say(passed_over.reason)
    assert "INBOX, UID 2" in reason
    assert folder.kept_back[2].partition(" ")[2] in reason
    read(settings)
    assert folder.asked == [2] * withheld.ROUNDS + [3]
    assert MailboxCursor.objects.get().last_uid == 3


def test_a_server_that_hangs_up_on_the_question_for_its_size_blocked_the_mailbox(
    folder: Folder, settings: EmailSettings
) -> None:
    read(settings)
    folder.mails |= {2: written(2), 3: written(3)}
    folder.hangs_up = True
    for _ in range(withheld.ROUNDS + 1):
        with suppress(*mailbox.Failure):
            read(settings)
    ingest()
    assert RawInbound.objects.get(source=WITHHELD).outcome == Outcome.REFUSED
    assert texts() == ["3"]


def test_reading_it_again_asks_the_server_again(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound
) -> None:
    for _ in range(2):
        retry(raw=passed_over)
        ingest()
        drain(["jobs"])
        passed_over.refresh_from_db()
        assert passed_over.outcome == Outcome.REFUSED
        assert folder.kept_back[2].partition(" ")[2] in say(passed_over.reason)
    folder.kept_back.clear()
    retry(raw=passed_over)
    ingest()
    drain(["jobs"])
    ingest()
    passed_over.refresh_from_db()
    assert passed_over.outcome == Outcome.NOTED
    assert texts() == ["2", "3"]


def test_a_large_mail_that_was_asked_for_again_was_written_to_disk_while_all_writers_waited(
    folder: Folder, passed_over: RawInbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.kept_back.clear()
    folder.mails[2] = mail(subject="2", text="x" * 100_000).replace(b"\n", b"\r\n")
    retry(raw=passed_over)
    ingest()
    waiting, sync = [], os.fsync

    def fsync(handle: int) -> None:
        waiting.append(connection.in_atomic_block)
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    drain(["jobs"])
    assert RawInbound.objects.latest("pk").file is not None
    assert set(waiting) == {False}


def test_a_disk_that_does_not_take_a_mail_that_was_asked_for_again_is_named_on_its_row(
    folder: Folder, passed_over: RawInbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.kept_back.clear()
    folder.mails[2] = mail(subject="2", text="x" * 100_000).replace(b"\n", b"\r\n")
    retry(raw=passed_over)
    ingest()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    drain(["jobs"])
    passed_over.refresh_from_db()
    assert (passed_over.outcome, "No space left" in say(passed_over.reason)) == (Outcome.REFUSED, True)


def test_it_may_have_gone_meanwhile(folder: Folder, passed_over: RawInbound) -> None:
    folder.uidvalidity += 1
    retry(raw=passed_over)
    ingest()
    drain(["jobs"])
    passed_over.refresh_from_db()
    assert (passed_over.outcome, "no longer" in say(passed_over.reason)) == (Outcome.NOTED, True)


def ask_again(raw: RawInbound) -> None:
    retry(raw=raw)
    ingest()
    drain(["jobs"])
    ingest()


def test_a_mail_that_was_kept_back_could_not_be_asked_for_once_dismissed(
    folder: Folder, passed_over: RawInbound
) -> None:
    account = Account.objects.create(email="ada@staff.example")
    dismiss(agent=Agent.objects.create(account=account, name="Ada", role=Role.TEAM_LEAD), raw=passed_over)
    folder.kept_back.clear()
    ask_again(passed_over)
    assert texts() == ["2", "3"]


def test_a_mail_that_was_away_once_could_not_be_asked_for_again(
    folder: Folder, passed_over: RawInbound
) -> None:
    folder.kept_back.clear()
    away = folder.mails.pop(2)
    ask_again(passed_over)
    folder.mails[2] = away
    passed_over.refresh_from_db()
    assert (passed_over.outcome, is_retryable(passed_over)) == (Outcome.NOTED, True)
    ask_again(passed_over)
    assert texts() == ["2", "3"]


def test_the_numbers_of_a_mail_that_was_kept_back_named_another_one_in_another_mailbox(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound
) -> None:
    folder.kept_back.clear()
    folder.mails[2] = written(99)
    connect(actor=None, inbox=settings.inbox, values={"imap_user": "c", "imap_secret": "d"})
    ask_again(passed_over)
    passed_over.refresh_from_db()
    assert (passed_over.outcome, texts()) == (Outcome.REFUSED, ["3"])
    assert "the mailbox of a at 127.0.0.1" in say(passed_over.reason)


@pytest.mark.parametrize(
    "values",
    [{"imap_host": "localhost", "imap_secret": "b"}, {"imap_user": "A", "imap_secret": "b"}],
)
def test_a_mail_that_was_kept_back_was_lost_when_its_mail_server_got_another_name(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound, values: dict[str, str]
) -> None:
    connect(actor=None, inbox=settings.inbox, values=values)
    folder.kept_back.clear()
    ask_again(passed_over)
    passed_over.refresh_from_db()
    assert (passed_over.outcome, texts()) == (Outcome.NOTED, ["2", "3"])


def test_a_mailbox_under_another_name_that_counts_otherwise_is_another_one(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound
) -> None:
    connect(actor=None, inbox=settings.inbox, values={"imap_host": "localhost", "imap_secret": "b"})
    folder.kept_back.clear()
    folder.uidvalidity += 1
    ask_again(passed_over)
    passed_over.refresh_from_db()
    assert (passed_over.outcome, texts()) == (Outcome.REFUSED, ["3"])
    assert "no longer reads" in say(passed_over.reason)


def test_a_mail_that_is_kept_back_stood_twice_when_its_mail_server_got_another_name(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound
) -> None:
    connect(actor=None, inbox=settings.inbox, values={"imap_host": "localhost", "imap_secret": "b"})
    renamed = EmailSettings.objects.select_related("inbox").get(pk=settings.pk)
    MailboxCursor.objects.update(uidvalidity=folder.uidvalidity, last_uid=1)
    read_as_often_as_needed(renamed)
    assert RawInbound.objects.get(source=WITHHELD) == passed_over


def test_the_same_numbers_kept_back_in_two_mailboxes_are_two_rows(
    folder: Folder, settings: EmailSettings, passed_over: RawInbound
) -> None:
    folder.mails[2] = written(99)
    connect(actor=None, inbox=settings.inbox, values={"imap_user": "c", "imap_secret": "d"})
    elsewhere = EmailSettings.objects.select_related("inbox").get(pk=settings.pk)
    MailboxCursor.objects.update(uidvalidity=folder.uidvalidity, last_uid=1)
    read_as_often_as_needed(elsewhere)
    assert RawInbound.objects.filter(source=WITHHELD, outcome=Outcome.REFUSED).count() == 2


def test_no_open_screen_heard_of_a_mail_that_was_kept_back(folder: Folder, settings: EmailSettings) -> None:
    told = LiveSignal.objects.filter(topic=f"team:{settings.inbox.team_id}")
    read(settings)
    folder.mails[2] = written(2)
    read_as_often_as_needed(settings)
    assert told.exists()
    retry(raw=RawInbound.objects.get())
    ingest()
    told.delete()
    drain(["jobs"])
    assert RawInbound.objects.get().outcome == Outcome.REFUSED
    assert told.exists()


def test_an_import_went_no_further_than_such_a_mail(folder: Folder, settings: EmailSettings) -> None:
    folder.mails |= {2: written(2), 3: written(3)}
    row = HistoryImport.objects.create(inbox=settings.inbox, until=clock.now(), started_at=clock.now())
    for _ in range(withheld.ROUNDS - 1):
        with pytest.raises((imaplib.IMAP4.error, ImapToolsError)):
            history._go_on(settings, row.pk, threading.Event())
    history._go_on(settings, row.pk, threading.Event())
    ingest()
    row.refresh_from_db()
    assert (row.state, row.done, texts()) == ("done", 3, ["1", "3"])
    assert RawInbound.objects.get(source=WITHHELD).outcome == Outcome.REFUSED
