"""Telling other processes that rows wait for them.

On PostgreSQL a NOTIFY follows the commit. On SQLite nothing is sent: every commit changes
``PRAGMA data_version``, which ``rapport.kernel.db.watch`` polls. A lost wake-up loses nothing, as
everybody who listens also looks by the clock.
"""

from django.db import connection, transaction

from rapport.kernel.db.writing import write

CHANNEL = "rapport"


class _Notices:
    """The names that one transaction wakes, told by one statement after its commit."""

    def __init__(self, name: str) -> None:
        self.names = {name: None}

    def __call__(self) -> None:
        _notify(list(self.names))


def send(payload: str) -> None:
    """Notify every listening process at once with ``payload`` (at most 7,900 bytes); PostgreSQL only."""
    if connection.vendor == "postgresql":
        _notify([payload])


def wake(name: str) -> None:
    """Wake those who wait for ``name`` (a queue, or ``live``) once the present transaction is committed."""
    if connection.vendor != "postgresql":
        return
    for registered in connection.run_on_commit:
        waiting = registered[1]
        if isinstance(waiting, _Notices):
            waiting.names[name] = None
            return
    transaction.on_commit(_Notices(name))


def _notify(payloads: list[str]) -> None:
    calls = ", ".join(["pg_notify(%s, %s)"] * len(payloads))
    write(f"SELECT {calls}", [each for payload in payloads for each in (CHANNEL, payload)])
