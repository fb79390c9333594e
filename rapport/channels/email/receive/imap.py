"""One mailbox: read it, wait for news by IDLE (RFC 2177), read again; connect again after every failure."""

import logging
import random
import threading
import time

from django.db import DatabaseError, InterfaceError, connection
from imap_tools import BaseMailBox
from imap_tools.errors import MailboxLoginError

from rapport.channels.email.models import EmailSettings, Incoming
from rapport.channels.email.oauth import SignInRefused
from rapport.channels.email.receive import mailbox
from rapport.channels.email.receive.folder import read_folder
from rapport.inboxes.actions.trouble import clear_trouble, report_trouble

logger = logging.getLogger(__name__)

# Servers may end an IDLE after 30 minutes, and some forget to tell news: read anyway after this long.
IDLE_SECONDS = 120.0
POLL_SECONDS = 15.0
SLICE_SECONDS = 0.5
LONGEST_PAUSE = 120.0
BLIPS = 2


def watch(settings: EmailSettings, stop: threading.Event) -> None:
    """Read the mailbox until ``stop`` is set; what goes wrong is told on the inbox and tried again."""
    failures = 0
    while not stop.is_set():
        try:
            _read_and_wait(settings, stop)
            failures = 0
        except mailbox.Failure as error:
            failures += 1
            words = mailbox.words_of(error, settings)
            logger.warning("inbox %s: %s", settings.inbox_id, words)
            if failures >= BLIPS or _needs_person(error):
                _tell(settings.inbox_id, words)
        except (DatabaseError, InterfaceError):
            failures += 1
            logger.exception("inbox %s cannot store mail; it stays in the mailbox", settings.inbox_id)
            connection.close()
        except mailbox.CannotKeep as error:
            failures += 1
            logger.exception("inbox %s cannot store mail; it stays in the mailbox", settings.inbox_id)
            _tell(settings.inbox_id, error.reason)
        except Exception as error:
            # A thread that ends would be started anew each second, and nobody would hear why.
            failures += 1
            logger.exception("inbox %s cannot be read", settings.inbox_id)
            _tell(settings.inbox_id, mailbox.words_of_surprise(error))
        if failures:
            stop.wait(pause(failures))
    connection.close()


def pause(failures: int) -> float:
    """Return how long to wait after so many failures in a row, in seconds, with jitter."""
    return min(LONGEST_PAUSE, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)


def _read_and_wait(settings: EmailSettings, stop: threading.Event) -> None:
    box = mailbox.connect(settings)
    try:
        idles = "IDLE" in box.client.capabilities
        while not stop.is_set():
            _read(box, settings, stop)
            if idles:
                _idle(box, stop)
            else:
                stop.wait(POLL_SECONDS)
    finally:
        mailbox.close(box)


def _read(box: BaseMailBox, settings: EmailSettings, stop: threading.Event) -> None:
    words = ""
    # The first folder comes last, so that it is the one that IDLE watches.
    for folder in reversed(settings.imap_folders):
        try:
            read_folder(box, settings, folder, stopped=stop.is_set)
        except mailbox.NotTidied as refusal:
            words = refusal.reason
    if words:
        report_trouble(inbox_id=settings.inbox_id, words=words)
    else:
        clear_trouble(inbox_id=settings.inbox_id)


def _idle(box: BaseMailBox, stop: threading.Event) -> None:
    news = mailbox.idle_start(box)
    until = time.monotonic() + IDLE_SECONDS
    while not news and not stop.is_set() and time.monotonic() < until:
        started = time.monotonic()
        news = bool(box.idle.poll(timeout=SLICE_SECONDS))
        if not news and time.monotonic() - started < SLICE_SECONDS / 2:
            # A closed connection reads as ready and empty; ending the IDLE then says what happened.
            break
    box.idle.stop()  # type: ignore[no-untyped-call]


def _needs_person(error: BaseException) -> bool:
    return isinstance(error, MailboxLoginError) or (isinstance(error, SignInRefused) and error.final)


def _tell(inbox_id: int, words: str) -> None:
    try:
        report_trouble(inbox_id=inbox_id, words=words)
    except (DatabaseError, InterfaceError):
        logger.exception("the trouble of inbox %s could not be noted", inbox_id)
        connection.close()


def mailboxes() -> list[EmailSettings]:
    """Return the settings of all active inboxes that fetch by IMAP."""
    found = EmailSettings.objects.select_related("inbox").filter(incoming=Incoming.IMAP, inbox__active=True)
    return [each for each in found if each.imap_host and each.imap_folders]
