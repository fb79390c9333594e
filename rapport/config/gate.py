"""Few requests compute at the same time, however many are open."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

PLACES = 2
PATIENCE = 0.25
"""Seconds after which a request goes on though all places are taken: those who have them wait for others."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Gate:
    """Lets ``PLACES`` requests at a time into a WSGI application.

    Threads of one process share the interpreter's lock. Each query gives it up for a moment, and where eight
    want it each has to queue for it again: together they get half as much done as two do.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._free = threading.Semaphore(PLACES)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        entered = self._free.acquire(timeout=PATIENCE)
        try:
            return self._application(environ, start_response)
        finally:
            if entered:
                self._free.release()
