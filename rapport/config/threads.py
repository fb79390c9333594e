"""The threads that pages are made in."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Given = TypeVarTuple("Given")


class Threads:
    """Threads of which the one that worked last works next: its connection and its caches are warm.

    Where they take turns, as in one pool, each of them comes to hold all that a search leaves there.
    """

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)
        self._idle: list[ThreadPoolExecutor] = []

    async def run(self, act: Callable[[*Given], T], *given: *Given) -> T:
        """Call ``act`` in a thread, as soon as fewer than ``most`` of them work; return what it returns."""
        async with self._free:
            thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="pages")
            try:
                return await asyncio.get_running_loop().run_in_executor(thread, act, *given)
            finally:
                self._idle.append(thread)
