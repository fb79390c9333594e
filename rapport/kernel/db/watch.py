"""Waiting for commits of other connections and processes."""

import sqlite3
import time
from typing import Any, Protocol

from django.db import connections

from rapport.kernel.db.wake import CHANNEL

POLL = 0.008


class Watch(Protocol):
    """Waits until something was committed. One thread uses it; it owns a connection."""

    def wait(self, timeout: float) -> frozenset[str] | None:
        """Wait at most ``timeout`` seconds.

        Return the payloads that were sent, an empty set where something was committed but not what
        (SQLite), None where nothing happened.
        """

    def close(self) -> None:
        """Close the connection."""


class SQLiteWatch:
    """Polls ``PRAGMA data_version`` on an autocommit connection; in a transaction it would see nothing."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(
            str(connections["default"].settings_dict["NAME"]), isolation_level=None, uri=True
        )
        self._seen = self._version()

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def wait(self, timeout: float) -> frozenset[str] | None:
        """Wait at most ``timeout`` seconds for a commit; the empty set says that there was one."""
        deadline = time.monotonic() + timeout
        while True:
            version = self._version()
            if version != self._seen:
                self._seen = version
                return frozenset()
            if time.monotonic() >= deadline:
                return None
            time.sleep(POLL)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresWatch:
    """Listens on a direct connection of its own (a pooler in transaction mode cannot carry LISTEN)."""

    def __init__(self) -> None:
        import psycopg

        parameters: dict[str, Any] = connections["default"].get_connection_params()
        for ours in ("context", "cursor_factory", "prepare_threshold", "pool"):
            parameters.pop(ours, None)
        self._connection = psycopg.connect(**parameters, autocommit=True)
        try:
            self._connection.execute(f'LISTEN "{CHANNEL}"')
        except psycopg.Error:
            self._connection.close()
            raise

    def wait(self, timeout: float) -> frozenset[str] | None:
        """Wait at most ``timeout`` seconds for notifications; return all that came together."""
        payloads = {note.payload for note in self._connection.notifies(timeout=timeout, stop_after=1)}
        return frozenset(payloads) if payloads else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def watch() -> Watch:
    """Return a watch on the default database."""
    return PostgresWatch() if connections["default"].vendor == "postgresql" else SQLiteWatch()
