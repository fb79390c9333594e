"""Jobs that ask outside about a stored row: one at a time waits for each, and none runs in a held copy."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final, Protocol

from rapport.kernel.clock import now
from rapport.kernel.jobs.hold import held
from rapport.kernel.jobs.tasks import enqueue, job

HELD_LATER: Final = timedelta(minutes=1)


class Fetch(Protocol):
    """What such a job does about the row with this id; it may do it twice."""

    def __call__(self, *, raw_id: int) -> None:
        """Ask outside."""


def ask(name: str, raw_id: int, *, later: timedelta = timedelta()) -> None:
    """Ask for the job ``name`` about a row in the present transaction; one that waits already is enough."""
    enqueue(name, unique_key=f"{name} {raw_id}", run_at=now() + later, raw_id=raw_id)


def fetch_job(name: str) -> Callable[[Fetch], Fetch]:
    """Register the decorated function as the job ``name``; a held copy asks for it again later."""

    def register(fetch: Fetch) -> Fetch:
        @job(name)
        @wraps(fetch)
        def run(*, raw_id: int) -> None:
            if held():
                ask(name, raw_id, later=HELD_LATER)
            else:
                fetch(raw_id=raw_id)

        return run

    return register
