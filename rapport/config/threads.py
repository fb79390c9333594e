"""The threads that pages are made in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar, TypeVarTuple

T = TypeVar("T")
Given = TypeVarTuple("Given")

REST = 5.0
"""Seconds without work after which a thread is let go."""


class Resting(NamedTuple):
    """A thread without work, and since when."""

    thread: ThreadPoolExecutor
    since: float


class Threads:
    """Threads of which the one that worked last works next: its connection and its caches are warm.

    Where they take turns, as in one pool, each of them comes to hold all that a search leaves there.
    Those that only a rush needed are let go after it: each calls ``leave``, which closes its connection.
    """

    def __init__(self, most: int, *, leave: Callable[[], object], rest: float = REST) -> None:
        self._free = asyncio.Semaphore(most)
        self._idle: list[Resting] = []
        self._leave = leave
        self._rest = rest
        self._looking: asyncio.TimerHandle | None = None

    async def run(self, act: Callable[[*Given], T], *given: *Given) -> T:
        """Call ``act`` in a thread, as soon as fewer than ``most`` of them work; return what it returns."""
        loop = asyncio.get_running_loop()
        async with self._free:
            thread = (
                self._idle.pop().thread if self._idle else ThreadPoolExecutor(1, thread_name_prefix="pages")
            )
            try:
                return await loop.run_in_executor(thread, act, *given)
            finally:
                self._idle.append(Resting(thread, loop.time()))
                if len(self._idle) > 1 and self._looking is None:
                    self._looking = loop.call_later(self._rest, self._look)

    def _look(self) -> None:
        """Let go who has rested for long, but for the last; they stand in the order of their last work."""
        loop = asyncio.get_running_loop()
        self._looking = None
        while len(self._idle) > 1 and loop.time() - self._idle[0].since >= self._rest:
            thread = self._idle.pop(0).thread
            thread.submit(self._leave)
            thread.shutdown(wait=False)
        if len(self._idle) > 1:
            self._looking = loop.call_at(self._idle[0].since + self._rest, self._look)
