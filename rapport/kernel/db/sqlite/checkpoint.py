"""Keeping SQLite's write-ahead log short, beside the writers.

By itself SQLite moves the log into the database in the commit that makes it longer than 4 MB. That commit,
and every writer who waits behind it at the turnstile, then waits until pages from all over the file are on
disk: half a second on a slow disk. The settings let the log grow to 64 MB first; that is for commands that
write while no worker runs.
"""

import logging
import threading
from typing import cast

from django.db import connections

from rapport.kernel.db.sqlite.base import DatabaseWrapper

log = logging.getLogger(__name__)
PAUSE = 1.0
LONG = 1000
"""Pages after which the log should begin anew."""


def keep_short(stop: threading.Event) -> None:
    """Look after the log of the default database until ``stop`` is set."""
    database = cast(DatabaseWrapper, connections["default"])
    while not stop.wait(PAUSE):
        try:
            shorten(database)
        except Exception:
            log.exception("the write-ahead log could not be moved; trying again")
            database.close()
    database.close()


def shorten(database: DatabaseWrapper) -> None:
    """Move the log while others write; once it is long, hold them for the little that came meanwhile."""
    if database.checkpoint() >= LONG:
        database.checkpoint(alone=True)
