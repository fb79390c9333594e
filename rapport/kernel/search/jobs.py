"""Work for the index that is done later."""

from rapport.kernel.jobs.tasks import enqueue, job
from rapport.kernel.search import index

PURGE = "search.purge"


@job(PURGE)
def purge() -> None:
    """Rewrite the index so that no removed word is left on disk."""
    index.purge()


def purge_soon() -> None:
    """Ask for `purge` in the present transaction: what an erasure calls after `index.remove`."""
    enqueue(PURGE, unique_key=PURGE)
