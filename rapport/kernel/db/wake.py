"""Telling other processes that rows wait for them.

On PostgreSQL a NOTIFY follows the commit. On SQLite nothing is sent: every commit changes
``PRAGMA data_version``, which ``rapport.kernel.db.watch`` polls. A lost wake-up loses nothing, as
everybody who listens also looks by the clock.
"""

from collections.abc import Callable
from functools import lru_cache

from django.db import connection, transaction

CHANNEL = "rapport"


@lru_cache(maxsize=256)
def _notifier(name: str) -> Callable[[], None]:
    def notify() -> None:
        send(name)

    return notify


def send(payload: str) -> None:
    """Notify every listening process at once with ``payload`` (at most 7,900 bytes); PostgreSQL only."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def wake(name: str) -> None:
    """Wake those who wait for ``name`` (a queue, or ``live``) once the present transaction is committed."""
    if connection.vendor != "postgresql":
        return
    notify = _notifier(name)
    if not any(waiting[1] is notify for waiting in connection.run_on_commit):
        transaction.on_commit(notify)
