"""The registry of queues: which table, who handles a row, how many at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from rapport.kernel.db.wake import wake as _wake
from rapport.kernel.jobs.models import Leased


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A leased table that the worker works through.

    ``handler`` gets one claimed row. It returns, and the row is done; or it raises ``TryLater``, ``GiveUp``
    or any other exception (tried again with backoff, up to ``max_attempts``); or it settles the row itself
    inside its own transaction by ``leases.finish`` and its siblings.
    ``on_dead`` gets a row that died with its process each time, and makes it a dead letter that is seen;
    without it ``leases.fail`` does.
    ``due`` narrows which rows may be claimed (the lowest unsent delivery of each conversation).
    ``batch`` rows are claimed at once. ``outward`` queues stand still in a restored copy.
    """

    name: str
    model: type[Leased]
    handler: Callable[[Any], None]
    lease: timedelta = timedelta(seconds=60)
    concurrency: int = 1
    batch: int = 10
    order: tuple[str, ...] = ("run_at", "id")
    max_attempts: int = 12
    outward: bool = False
    due: Callable[[], "QuerySet[Any]"] | None = None
    on_dead: Callable[[Any], None] | None = None

    def rows(self) -> "QuerySet[Any]":
        """Return the rows that may be claimed when they are due."""
        return self.due() if self.due is not None else self.model._default_manager.all()


_queues: dict[str, Queue] = {}


def register_queue(queue: Queue) -> None:
    """Let the worker work through ``queue``; called in ``AppConfig.ready``.

    Raises:
        ValueError: another queue has this name.

    """
    if queue.name in _queues and _queues[queue.name] != queue:
        raise ValueError(f"two queues are called {queue.name}")
    _queues[queue.name] = queue


def unregister_queue(name: str) -> None:
    """Forget a queue; for tests that register their own."""
    _queues.pop(name, None)


def queue(name: str) -> Queue:
    """Return the queue of this name; raises ``KeyError``."""
    return _queues[name]


def all_queues() -> Iterator[Queue]:
    """Yield every queue, in the order of their names."""
    for name in sorted(_queues):
        yield _queues[name]


def wake(name: str) -> None:
    """Wake the workers of the queue ``name`` in every process, once the present transaction is committed."""
    _wake(f"queue:{name}")
