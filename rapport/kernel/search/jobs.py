"""Work for the index that is done later."""

import time
from datetime import timedelta

from rapport.kernel.jobs.schedule import cron
from rapport.kernel.jobs.tasks import enqueue, job
from rapport.kernel.search import index

PURGE = "search.purge"
LONGEST = timedelta(seconds=50)
"""Of one run; a large index that is merged anew takes many."""
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


@cron("search.merge", every=timedelta(minutes=1))
def merge() -> None:
    """Merge what was indexed since, in small steps with pauses, so that writers of words never have to.

    The words that stand in every other document make steps of a second in a large index.
    """
    end = time.monotonic() + LONGEST.total_seconds()
    while (began := time.monotonic()) < end and index.merge():
        time.sleep(min(max(PAUSE, SHARE * (time.monotonic() - began)), LONGEST.total_seconds()))
