"""One open stream. Idle it is one waiting task; a writer exists only while there is something to write."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from rapport.kernel.live.callers import Caller

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MOST_WAITING = 512


class Client:
    """A subscriber: its topics, and the frames that its socket has not taken yet."""

    __slots__ = ("_send", "_task", "_writer", "caller", "checked_at", "opened", "slot", "topics", "waiting")

    def __init__(
        self, send: Send, caller: Caller, topics: tuple[str, ...], *, slot: int, checked_at: float
    ) -> None:
        self._send = send
        self._task = asyncio.current_task()
        self._writer: asyncio.Task[None] | None = None
        self.caller = caller
        self.topics = topics
        self.slot = slot
        self.checked_at = checked_at
        self.waiting: list[bytes] | None = []
        self.opened = False

    async def open(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Answer with the head of the stream and what has come in since the subscription."""
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write()
        self.opened = True
        if self.waiting:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def push(self, frame: bytes) -> None:
        """Send ``frame`` soon. A client that takes too little is ended; it comes back and resumes."""
        if self.waiting is None:
            return
        self.waiting.append(frame)
        if len(self.waiting) > MOST_WAITING:
            self.end()
        elif self.opened and self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def end(self) -> None:
        """Close the stream."""
        if self.waiting is not None:
            self.waiting = None
            if self._task is not None:
                self._task.cancel()

    async def _write(self) -> None:
        try:
            while self.waiting:
                body = b"".join(self.waiting)
                self.waiting.clear()
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
        except (OSError, RuntimeError):
            self.end()
        finally:
            self._writer = None
