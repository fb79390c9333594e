"""The mail process: a thread for each mailbox and each taking over of old mail, and the LMTP listener."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings as configuration
from django.db import DatabaseError, InterfaceError, connection

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.receive import history, imap, lmtp
from rapport.kernel.jobs.hold import held

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
LMTP_AGAIN_SECONDS = 5.0


@dataclass
class _Watcher:
    thread: threading.Thread
    stop: threading.Event
    of: datetime


def run(stop: threading.Event) -> None:
    """Receive mail until ``stop`` is set. Changed settings are taken up within seconds."""
    listener = threading.Thread(target=_lmtp, args=(stop,), name="lmtp")
    if configuration.ENVIRONMENT.lmtp_port:
        listener.start()
    watchers: dict[tuple[str, int], _Watcher] = {}
    while not stop.is_set():
        try:
            _look(watchers)
        except (DatabaseError, InterfaceError):
            logger.exception("the settings of the inboxes cannot be read; trying again")
            connection.close()
        stop.wait(LOOK_SECONDS)
    for watcher in watchers.values():
        watcher.stop.set()
    for watcher in watchers.values():
        watcher.thread.join()
    if listener.is_alive():
        listener.join()
    connection.close()


def _look(watchers: dict[tuple[str, int], _Watcher]) -> None:
    wanted = {} if held() else _wanted()
    for key, watcher in list(watchers.items()):
        if key not in wanted or wanted[key][0] != watcher.of:
            watcher.stop.set()
        if not watcher.thread.is_alive():
            del watchers[key]
    for key, (of, act) in wanted.items():
        if key not in watchers:
            ended = threading.Event()
            thread = threading.Thread(target=act, args=(ended,), name=f"{key[0]}-{key[1]}")
            watchers[key] = _Watcher(thread, ended, of)
            thread.start()


Act = Callable[[threading.Event], None]


def _wanted() -> dict[tuple[str, int], tuple[datetime, Act]]:
    wanted: dict[tuple[str, int], tuple[datetime, Act]] = {}
    for settings in imap.mailboxes():
        wanted["imap", settings.inbox_id] = (settings.changed_at, _watching(settings))
    for settings, running in history.running():
        wanted["history", settings.inbox_id] = (settings.changed_at, _taking_over(settings, running))
    return wanted


def _watching(settings: EmailSettings) -> Act:
    return lambda stop: imap.watch(settings, stop)


def _taking_over(settings: EmailSettings, import_id: int) -> Act:
    return lambda stop: history.take_over(settings, import_id, stop)


def _lmtp(stop: threading.Event) -> None:
    environment = configuration.ENVIRONMENT
    while not stop.is_set():
        try:
            # Twice the limit for reading: a mail beyond that one is kept and listed as refused.
            lmtp.serve(stop, port=environment.lmtp_port, max_bytes=2 * environment.mail_max_bytes)
        except OSError as error:
            logger.error("LMTP cannot listen on port %s: %s", environment.lmtp_port, error)
            stop.wait(LMTP_AGAIN_SECONDS)
