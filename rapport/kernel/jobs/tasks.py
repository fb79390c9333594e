"""Named jobs: functions that run in the worker after the transaction that asked for them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection

from rapport.kernel import clock
from rapport.kernel.jobs import leases
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.jobs.queues import Queue, wake
from rapport.kernel.jobs.sentences import sentence

QUEUE = "jobs"
CRON_MARK = "@"
Task = Callable[..., None]
T = TypeVar("T", bound=Task)

_tasks: dict[str, Task] = {}


def job(name: str) -> Callable[[T], T]:
    """Register the decorated function as the job ``name``. It may run late, twice, or beside itself.

    Raises:
        ValueError: another function has this name, or the name holds an ``@``.

    """

    def register(function: T) -> T:
        known = _tasks.get(name)
        if CRON_MARK in name or (known is not None and known.__qualname__ != function.__qualname__):
            raise ValueError(f"the job name {name} is taken or not usable")
        _tasks[name] = function
        return function

    return register


def task_names() -> list[str]:
    """Return the names of all jobs."""
    return sorted(_tasks)


def enqueue(name: str, *, unique_key: str = "", run_at: datetime | None = None, **args: Any) -> bool:
    """Ask for the job ``name`` in the present transaction.

    ``args`` must be what JSON can hold. While a job with the same ``unique_key`` waits, nothing is added and
    the answer is False; one that already runs does not count, as it may have read what was true before.
    """
    if name not in _tasks:
        raise KeyError(f"no job is called {name}")
    at = run_at or clock.now()
    if unique_key:
        row = Job(name=name, args=args, run_at=at, unique_key=unique_key)
        with connection.cursor() as cursor:
            cursor.execute(
                'INSERT INTO "jobs_job" ("name", "args", "run_at", "unique_key", "state", "attempts", '
                '"worker", "last_error") '
                "VALUES (%s, %s, %s, %s, 'queued', 0, '', '') ON CONFLICT DO NOTHING",
                [
                    name,
                    Job._meta.get_field("args").get_db_prep_save(row.args, connection),
                    connection.ops.adapt_datetimefield_value(at),
                    unique_key,
                ],
            )
            added = bool(cursor.rowcount == 1)
    else:
        Job.objects.create(name=name, args=args, run_at=at)
        added = True
    wake(QUEUE)
    return added


def run_job(row: Job) -> None:
    """Run one claimed job; rows of cron stay for a day, so that a tick happens once."""
    task = _tasks.get(row.name)
    if task is None:
        raise leases.GiveUp(sentence("unknown", name=row.name))
    ticking = row.unique_key is not None and CRON_MARK in row.unique_key
    if row.unique_key is not None and not ticking:
        Job.objects.filter(pk=row.pk, worker=row.worker).update(unique_key=None)
    task(**row.args)
    if not ticking:
        leases.remove(row)


def forget_ticks(keep: timedelta = timedelta(days=1)) -> int:
    """Delete the rows of finished cron ticks older than ``keep``; return how many there were."""
    return Job.objects.filter(state=State.DONE, run_at__lt=clock.now() - keep).delete()[0]


JOBS = Queue(name=QUEUE, model=Job, handler=run_job, concurrency=2, batch=4)
