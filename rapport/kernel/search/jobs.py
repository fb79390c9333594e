"""Work for the index that is done later."""

import logging
import threading
import time

from django.db import connection

from rapport.kernel.jobs.beside import beside
from rapport.kernel.jobs.tasks import enqueue, job
from rapport.kernel.search import index

log = logging.getLogger(__name__)
PURGE = "search.purge"
IDLE = 60.0
"""Seconds until it is looked again where nothing was left to merge."""
PAUSE = 0.25
SHARE = 20
"""A step keeps other writers waiting; for so many times as long they have the database for themselves."""


@job(PURGE)
def purge() -> None:
    """Rewrite the index so that no removed word is left on disk."""
    index.purge()


def purge_soon() -> None:
    """Ask for `purge` in the present transaction: what an erasure calls after `index.remove`."""
    enqueue(PURGE, unique_key=PURGE)


@beside("search.merge")
def keep_merged(stop: threading.Event) -> None:
    """Merge what was indexed, in small steps with pauses, so that writers of words never have to."""
    pause = IDLE
    while not stop.wait(pause):
        try:
            pause = merge()
        except Exception:
            log.exception("the index of words could not be merged; trying again")
            pause = IDLE
        if pause == IDLE:
            connection.close()
    connection.close()


def merge() -> float:
    """Merge one step and return the seconds until the next one; ``IDLE`` where all is merged.

    The words that stand in every other document make steps of a second in a large index.
    """
    began = time.monotonic()
    if not index.merge():
        return IDLE
    return min(max(PAUSE, SHARE * (time.monotonic() - began)), IDLE)
