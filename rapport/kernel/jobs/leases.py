"""Claiming leased rows and giving them back. Every change is conditional on still holding the lease."""

import random
from collections.abc import Iterable, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections, transaction
from django.db.models import F, QuerySet

from rapport.kernel import clock
from rapport.kernel.db.rows import assignments
from rapport.kernel.db.writing import write
from rapport.kernel.jobs.models import Leased, State
from rapport.kernel.sentences import Told, kept

R = TypeVar("R", bound=Leased)
LONGEST_BACKOFF = timedelta(hours=1)
LONGEST_ERROR = 4000


class GiveUp(Told):
    """Trying again is useless: the row becomes a dead letter with this reason."""


class TryLater(Told):
    """Not now: the row goes back for ``after``, or for the usual backoff where it is None."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


def claim(
    queryset: QuerySet[R],
    *,
    limit: int,
    lease: timedelta,
    worker: str,
    order: Sequence[str] = ("run_at", "id"),
) -> list[R]:
    """Lease up to ``limit`` due rows of ``queryset`` to ``worker``, by one statement; return them in order.

    Two workers never get the same row. The lease ends after ``lease`` unless it is extended.
    """
    model = queryset.model
    connection = connections[queryset.db]
    table = connection.ops.quote_name(model._meta.db_table)
    now = clock.now()
    # The literal (not a parameter) lets both databases use the partial index.
    due = queryset.extra(where=[f"{table}.\"state\" = 'queued'"]).filter(run_at__lte=now)  # noqa: S610
    candidates = due.order_by(*order)[:limit].values("pk")
    if connection.vendor == "sqlite" and not candidates.exists():
        return []
    inner, parameters = candidates.query.sql_with_params()
    skip = f" FOR UPDATE OF {table} SKIP LOCKED" if connection.features.has_select_for_update else ""
    sql = (
        f'UPDATE {table} SET "state" = \'running\', "lease_until" = %s, "worker" = %s, '  # noqa: S608
        f'"attempts" = "attempts" + 1 WHERE "id" IN ({inner}{skip}) RETURNING *'
    )
    until = connection.ops.adapt_datetimefield_value(now + lease)
    with transaction.atomic(using=queryset.db):
        rows = list(model._base_manager.using(queryset.db).raw(sql, [until, worker, *parameters]))
    for field in reversed(order):
        rows.sort(key=attrgetter(field.lstrip("-")), reverse=field.startswith("-"))
    return rows


def take(row: Leased, *, lease: timedelta, worker: str) -> bool:
    """Lease this one row, where it is due and nobody else has it; ``row`` then says so."""
    until, due = clock.now() + lease, clock.now()
    connection = connections["default"]
    table, adapt = connection.ops.quote_name(row._meta.db_table), connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {table} SET "state" = \'running\', "lease_until" = %s, "worker" = %s, '  # noqa: S608
            '"attempts" = "attempts" + 1 WHERE "id" = %s AND "state" = \'queued\' AND "run_at" <= %s',
            [adapt(until), worker, row.pk, adapt(due)],
        )
        taken = bool(cursor.rowcount)
    if taken:
        row.state, row.lease_until, row.worker = State.RUNNING, until, worker
        row.attempts += 1
    return taken


def extend(rows: Iterable[Leased], *, lease: timedelta) -> None:
    """Let the leases of ``rows`` end ``lease`` from now, where they are still held."""
    until = clock.now() + lease
    for row in rows:
        _held(row).update(lease_until=until)


def finish(row: Leased, *names: str) -> bool:
    """Mark ``row`` done and write its named attributes, by one statement.

    False where the lease was lost meanwhile: the caller rolls back what it did.
    """
    settings, values = assignments(row, names)
    connection = connections["default"]
    table = connection.ops.quote_name(row._meta.db_table)
    settled = write(
        f"UPDATE {table} SET {settings}{', ' if names else ''}"  # noqa: S608  names of our own columns
        '"state" = \'done\', "worker" = \'\', "lease_until" = NULL, "last_error" = \'\' '
        'WHERE "id" = %s AND "state" = \'running\' AND "worker" = %s RETURNING "id"',
        [*values, row.pk, row.worker],
    )
    if settled:
        row.state = State.DONE
    return bool(settled)


def remove(row: Leased) -> bool:
    """Delete ``row``, which is done and leaves no trace. False where the lease was lost meanwhile."""
    removed = bool(_held(row).delete()[0])
    if removed:
        row.state = State.DONE
    return removed


def fail(row: Leased, error: str) -> bool:
    """Make ``row`` a dead letter with its reason in words. False where the lease was lost meanwhile."""
    return _settle(row, state=State.FAILED, last_error=kept(error, LONGEST_ERROR))


def retry_later(row: Leased, error: str, *, backoff: timedelta) -> bool:
    """Give ``row`` back, to be claimed again after ``backoff``. False where the lease was lost meanwhile."""
    return _settle(
        row, state=State.QUEUED, last_error=kept(error, LONGEST_ERROR), run_at=clock.now() + backoff
    )


def release(rows: Sequence[Leased]) -> None:
    """Give back rows of one claim on which no work began, as if they had never been claimed."""
    model, worker = type(rows[0]), rows[0].worker
    held = model._default_manager.filter(pk__in=[row.pk for row in rows], state=State.RUNNING, worker=worker)
    held.update(state=State.QUEUED, attempts=F("attempts") - 1, lease_until=None, worker="")


def apart(rows: list[R]) -> list[R]:
    """Return which of the claimed ``rows`` are worked on now, and give the others back.

    One that was claimed before goes alone: it may have killed its worker, and those beside it would count
    an attempt that they never had.
    """
    tried = (number for number, row in enumerate(rows) if row.attempts > 1)
    end = max(1, next(tried, len(rows)))
    if end < len(rows):
        release(rows[end:])
    return rows[:end]


def retry_now(queryset: QuerySet[Any]) -> int:
    """Give the dead letters in ``queryset`` another life at once; return how many there were."""
    return queryset.filter(state=State.FAILED).update(
        state=State.QUEUED, run_at=clock.now(), attempts=0, worker="", lease_until=None
    )


def requeue_expired(model: type[Leased]) -> int:
    """Give back the rows whose lease ran out; return how many there were."""
    return model._default_manager.filter(state=State.RUNNING, lease_until__lt=clock.now()).update(
        state=State.QUEUED, worker="", lease_until=None
    )


def requeue_of(model: type[Leased], process: str) -> int:
    """Give back at once the rows of a worker process that is known to be dead."""
    return model._default_manager.filter(state=State.RUNNING, worker__startswith=f"{process}/").update(
        state=State.QUEUED, worker="", lease_until=None
    )


def backoff(attempts: int) -> timedelta:
    """Return the pause after so many attempts: doubling from a second, at most an hour, half of it jitter."""
    longest = min(2.0 ** min(attempts, 20), LONGEST_BACKOFF.total_seconds())
    return timedelta(seconds=longest * random.uniform(0.5, 1.0))


def _held(row: Leased) -> "QuerySet[Any]":
    return type(row)._default_manager.filter(pk=row.pk, state=State.RUNNING, worker=row.worker)


def _settle(row: Leased, **columns: Any) -> bool:
    settled = bool(_held(row).update(lease_until=None, worker="", **columns))
    if settled:
        row.state = columns["state"]
    return settled
