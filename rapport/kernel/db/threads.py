"""Threads that work with the database."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Pool(ThreadPoolExecutor):
    """Threads that keep their connections for as long as the pool is open, and not longer."""

    def __init__(self, size: int, *, name: str) -> None:
        super().__init__(size, thread_name_prefix=name, initializer=self._enter)
        self._connections: list[BaseDatabaseWrapper] = []

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; with ``wait``, the connections are closed once the work is done."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            for each in self._connections:
                each.close()

    def _enter(self) -> None:
        connection = connections["default"]
        # A thread that has ended can close nothing: the one that shuts the pool down does it.
        connection.inc_thread_sharing()
        self._connections.append(connection)
