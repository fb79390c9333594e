"""Few requests compute at the same time, however many are open."""

import asyncio

PATIENCE = 0.25
"""Seconds after which a request goes on though all places are taken: those who have them wait for others."""
READING = frozenset({"GET", "HEAD"})


class Admission:
    """What a request got of the gate; given back once, however often it says so."""

    def __init__(self, free: asyncio.Semaphore | None) -> None:
        self._free = free

    def leave(self) -> None:
        """Let the next request in; called in the event loop."""
        free, self._free = self._free, None
        if free is not None:
            free.release()


class Gate:
    """Lets so many requests that read compute at a time; those that write wait for the disk, and stand aside.

    Threads of one process share the interpreter's lock. Each query gives it up for a moment, and where eight
    want it each has to queue for it again: together they get half as much done as one or two do.
    """

    def __init__(self, places: int) -> None:
        self._free = asyncio.Semaphore(places)

    async def enter(self, method: str) -> Admission:
        """Wait for a place, but not for long."""
        if method not in READING:
            return Admission(None)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._free.acquire()
        except TimeoutError:
            return Admission(None)
        return Admission(self._free)
