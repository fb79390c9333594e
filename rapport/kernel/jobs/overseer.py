"""One thread per worker process: wakes queues, keeps leases, runs cron, frees rows of the dead."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from django.db import DatabaseError, connection, connections

from rapport.kernel import clock
from rapport.kernel.db.watch import Watch, watch
from rapport.kernel.jobs import alive, leases
from rapport.kernel.jobs.hold import held
from rapport.kernel.jobs.queues import Queue
from rapport.kernel.jobs.schedule import Scheduler

log = logging.getLogger(__name__)
LOOK = 0.25
TICK = 1.0
PAUSE = 1.0


class Overseer:
    """Looks after the queues of one worker process."""

    def __init__(
        self,
        queues: Sequence[Queue],
        wakes: Mapping[str, threading.Event],
        extend: Callable[[], None],
        folder: Path,
        *,
        with_cron: bool = True,
    ) -> None:
        self._queues = queues
        self._wakes = wakes
        self._extend = extend
        self._folder = folder
        self._scheduler = Scheduler() if with_cron else None
        self._next_tick = 0.0

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop`` is set; start again where the database goes away."""
        while not stop.is_set():
            try:
                self._watch(stop)
            except Exception:
                log.exception("the worker's overseer failed; starting it again")
                connection.close()
                stop.wait(PAUSE)
        connections.close_all()

    def _watch(self, stop: threading.Event) -> None:
        watching = watch()
        try:
            while not stop.is_set():
                self._wake(watching)
                if time.monotonic() >= self._next_tick:
                    self._next_tick = time.monotonic() + TICK
                    self._tick()
        finally:
            watching.close()

    def _wake(self, watching: Watch) -> None:
        told = watching.wait(LOOK)
        names = {name.removeprefix("queue:") for name in told} if told else self.due()
        for name in names & self._wakes.keys():
            self._wakes[name].set()

    def due(self) -> set[str]:
        """Return the names of the queues that have a due row, by one statement."""
        if not self._queues:
            return set()
        statement = " UNION ALL ".join(
            f'SELECT {number} WHERE EXISTS (SELECT 1 FROM "{queue.model._meta.db_table}" '  # noqa: S608
            'WHERE "state" = \'queued\' AND "run_at" <= %s)'
            for number, queue in enumerate(self._queues)
        )
        now = connection.ops.adapt_datetimefield_value(clock.now())
        with connection.cursor() as cursor:
            cursor.execute(statement, [now] * len(self._queues))
            return {self._queues[number].name for (number,) in cursor.fetchall()}

    def _tick(self) -> None:
        self._extend()
        for process in alive.dead(self._folder):
            for model in {queue.model for queue in self._queues}:
                if freed := leases.requeue_of(model, process):
                    log.warning("%s rows of %s, a dead worker, go on", freed, process)
        for model in {queue.model for queue in self._queues}:
            if model._default_manager.filter(state="running", lease_until__lt=clock.now()).exists():
                leases.requeue_expired(model)
        if self._scheduler is not None and not held():
            try:
                self._scheduler.add_due()
            except DatabaseError:
                log.exception("cron could not be added; trying again")
