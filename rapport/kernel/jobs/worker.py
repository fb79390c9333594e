"""The worker: threads per queue, woken by commits, their leases kept by heartbeats."""

import logging
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, connections

from rapport.kernel.db.sqlite.checkpoint import keep_short
from rapport.kernel.jobs import alive, leases
from rapport.kernel.jobs.beside import Beside, all_beside
from rapport.kernel.jobs.hold import held
from rapport.kernel.jobs.models import Leased, State
from rapport.kernel.jobs.overseer import Overseer
from rapport.kernel.jobs.queues import Queue, all_queues
from rapport.kernel.jobs.sentences import sentence
from rapport.kernel.sentences import Told, heard

log = logging.getLogger(__name__)
FALLBACK_POLL = 1.0
GRACE = 5.0
PAUSE = 1.0
LOOK = 1.0


class ThreadDied(RuntimeError):
    """A thread that works until the stop has ended before it: only a new process does all the work again."""


class Running:
    """The rows that this process works on now, for the heartbeat."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[int, tuple[Leased, Queue, float]] = {}

    def add(self, rows: Collection[Leased], queue: Queue) -> None:
        """Begin to keep ``rows`` alive."""
        with self._lock:
            self._rows.update({id(row): (row, queue, time.monotonic()) for row in rows})

    def drop(self, rows: Collection[Leased]) -> None:
        """No longer keep ``rows`` alive."""
        with self._lock:
            for row in rows:
                self._rows.pop(id(row), None)

    def extend(self) -> None:
        """Extend the leases that have used up a third of their time."""
        with self._lock:
            rows = list(self._rows.items())
        for key, (row, queue, since) in rows:
            if time.monotonic() - since > queue.lease.total_seconds() / 3:
                leases.extend([row], lease=queue.lease)
                with self._lock:
                    if key in self._rows:
                        self._rows[key] = (row, queue, time.monotonic())


def run(stop: threading.Event, only: Collection[str] = ()) -> None:
    """Work through the registered queues, and beside them, until ``stop`` is set; or ``only`` the named ones.

    Returns within ``GRACE`` seconds of the stop; a row that is not ready then is given back by its lease.

    Raises:
        ThreadDied: one of the threads has ended; ``stop`` is then set and the others have stopped as well.

    """
    queues = [queue for queue in all_queues() if not only or queue.name in only]
    with alive.announced(folder()) as process:
        running = Running()
        wakes = {queue.name: threading.Event() for queue in queues}
        threads = [
            threading.Thread(
                target=_work,
                args=(queue, f"{process}/{queue.name}/{number}", wakes[queue.name], running, stop),
                name=f"{queue.name}-{number}",
                daemon=True,
            )
            for queue in queues
            for number in range(queue.concurrency)
        ]
        overseer = Overseer(queues, wakes, running.extend, folder(), with_cron=not only)
        threads += [
            threading.Thread(target=work, args=(stop,), name=name, daemon=True)
            for name, work in _beside(overseer, alone=bool(only))
        ]
        for thread in threads:
            thread.start()
        log.info("worker %s: %s", process, ", ".join(queue.name for queue in queues))
        died = _died(threads, stop)
        stop.set()
        for event in wakes.values():
            event.set()
        _join(threads)
    if died:
        raise ThreadDied(f"threads of the worker have died: {', '.join(died)}")


def _join(threads: Collection[threading.Thread]) -> None:
    deadline = time.monotonic() + GRACE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _beside(overseer: Overseer, *, alone: bool) -> Iterator[tuple[str, Beside]]:
    """Yield what has a thread beside those of the queues; ``alone`` only what these cannot do without."""
    yield "overseer", overseer.run
    if connection.vendor == "sqlite":
        yield "checkpoint", keep_short
    if not alone:
        yield from all_beside()


def _died(threads: Collection[threading.Thread], stop: threading.Event) -> list[str]:
    """Wait for the stop, or for the death of a thread; return the names of the dead."""
    while not stop.wait(LOOK):
        ended = [thread.name for thread in threads if not thread.is_alive()]
        # Looked at again: a thread may also have ended because of the stop.
        if ended and not stop.is_set():
            return ended
    return []


def folder() -> Path:
    """Return the folder in which workers of this machine announce themselves."""
    return Path(settings.DATA) / "run"


def drain(only: Collection[str] = (), *, rounds: int = 1000) -> int:
    """Work in this thread until no queue (or none of ``only``) has a due row; return how many did."""
    done = 0
    for _round in range(rounds):
        ran = sum(
            _run_batch(queue, "drain/here", Running(), threading.Event())
            for queue in all_queues()
            if not only or queue.name in only
        )
        done += ran
        if not ran:
            break
    return done


def _work(queue: Queue, worker: str, wake: threading.Event, running: Running, stop: threading.Event) -> None:
    while not stop.is_set():
        wake.clear()
        try:
            if not _run_batch(queue, worker, running, stop, wake):
                wake.wait(FALLBACK_POLL)
            close_old_connections()
        except Exception:
            log.exception("queue %s: no work could be done; trying again", queue.name)
            stop.wait(PAUSE)
            connection.close()
    connections.close_all()


def _run_batch(
    queue: Queue,
    worker: str,
    running: Running,
    stop: threading.Event,
    wake: threading.Event | None = None,
) -> int:
    if queue.outward and held():
        return 0
    rows = leases.claim(queue.rows(), limit=queue.batch, lease=queue.lease, worker=worker, order=queue.order)
    if rows and wake is not None:
        # Siblings of this thread look as well: there may be more than one batch.
        wake.set()
    rows = leases.apart(rows)
    running.add(rows, queue)
    try:
        for number, row in enumerate(rows):
            if stop.is_set():
                leases.release(rows[number:])
                break
            run_row(queue, row)
            running.drop([row])
    finally:
        # Where the database refuses, the rest of the batch goes on as soon as its lease ends.
        running.drop(rows)
    return len(rows)


def run_row(queue: Queue, row: Leased) -> None:
    """Hand one claimed row to its handler and settle it by the outcome."""
    try:
        if row.attempts > queue.max_attempts:
            _bury(queue, row)
            return
        queue.handler(row)
    except leases.TryLater as later:
        leases.retry_later(row, later.reason, backoff=later.after or leases.backoff(row.attempts))
    except leases.GiveUp as reason:
        leases.fail(row, reason.reason)
    except Exception as error:
        log.exception("queue %s, row %s, attempt %s", queue.name, row.pk, row.attempts)
        with suppress(DatabaseError):
            _settle_error(queue, row, _words(error))
    else:
        if row.state == State.RUNNING:
            leases.finish(row)


def _bury(queue: Queue, row: Leased) -> None:
    if queue.on_dead is not None:
        queue.on_dead(row)
    else:
        leases.fail(row, heard(row.last_error) or sentence("died"))


def _words(error: Exception) -> str:
    return error.reason if isinstance(error, Told) else f"{type(error).__name__}: {error}"


def _settle_error(queue: Queue, row: Leased, error: str) -> None:
    # Beyond the last attempt it was the burial that failed: it is tried again, as only it tells people.
    if row.attempts == queue.max_attempts:
        leases.fail(row, error)
    else:
        leases.retry_later(row, error, backoff=leases.backoff(row.attempts))
