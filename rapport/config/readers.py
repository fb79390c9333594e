"""Who gets an answer piece by piece."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rapport.config.bodies import Gone, Message, Receive

Send = Callable[[Message], Awaitable[None]]
PATIENCE = 30.0
"""Seconds in which a reader has to take a piece: a telephone without a network never does."""


class Reader:
    """Takes an answer, and may leave before its end."""

    def __init__(self, receive: Receive, send: Send, *, patience: float = PATIENCE) -> None:
        self._receive = receive
        self._send = send
        self._patience = patience
        self._left: asyncio.Future[Any] | None = None

    async def take_whole(self, start: Message, body: bytes) -> None:
        """Hand over an answer that is complete."""
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    async def take(self, message: Message) -> None:
        """Hand over one piece.

        Raises:
            Gone: the visitor left, or takes nothing.

        """
        if self._left is None:
            self._left = asyncio.ensure_future(self._receive())
        # A server takes what is sent to nobody without a word.
        if self._left.done() and self._left.result()["type"] == "http.disconnect":
            raise Gone
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except (TimeoutError, RuntimeError) as error:
            # uvloop's word for a connection that was closed while a piece waited is a RuntimeError.
            raise Gone from error

    def forget(self) -> None:
        """Stop listening whether the visitor leaves."""
        if self._left is not None:
            self._left.cancel()
