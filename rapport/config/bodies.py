"""What visitors send with a request, taken in whole before a thread is: who stalls keeps nobody else out."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Known = Callable[[], Awaitable[bool]]

SMALL = 256 * 1024
"""Bytes of a body that anybody may send, held in memory; what is larger lies in a file without a name."""


class Gone(ConnectionError):
    """The visitor left before the body was complete: half a form must not be taken for a whole one."""


class BodyRefused(Exception):
    """A body is not taken; holds the status of the answer, and its words."""

    def __init__(self, status: int, words: Promise | str) -> None:
        super().__init__(status)
        self.status = status
        self.words = words


class Body:
    """A body as a file; closed once it has been read."""

    def __init__(self, folder: Path) -> None:
        self.file = SpooledTemporaryFile(SMALL, dir=str(folder))  # noqa: SIM115  open until the answer is made
        self.size = 0

    @property
    def on_disk(self) -> int:
        """Bytes that it takes of the disk."""
        return self.size if self.size > SMALL else 0

    def add(self, part: bytes) -> None:
        """Append what came."""
        self.file.write(part)
        self.size += len(part)


class Bodies:
    """Takes in bodies in the event loop: up to ``largest`` bytes each, ``room`` bytes of all that are large.

    Each ``stride`` bytes of a body may take ``grace`` seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        largest: int,
        room: int = 1024**3,
        grace: float = 30.0,
        stride: int = 240 * 1024,
    ) -> None:
        self._folder = folder
        self._room = room
        self._largest = largest
        self._grace = grace
        self._stride = stride

    async def take(self, receive: Receive, length: int, known: Known) -> Body:
        """Return a body that is announced with ``length`` bytes; 0 where its length is not known.

        ``known`` tells whether its sender may send much, and is asked once the body is no longer small.

        Raises:
            Gone: the visitor left.
            BodyRefused: it is too large, too slow, or there is no room.

        """
        if length > SMALL:
            await self._admit(length, known)
        body = Body(self._folder)
        try:
            await self._fill(body, receive, known)
        except TimeoutError:
            self.drop(body)
            raise BodyRefused(408, _("What you sent came too slowly. Nothing was changed.")) from None
        except BaseException:
            self.drop(body)
            raise
        body.file.seek(0)
        return body

    def drop(self, body: Body) -> None:
        """Close a body that was read, or never will be, and free its room."""
        body.file.close()
        self._room += body.on_disk

    async def _fill(self, body: Body, receive: Receive, known: Known) -> None:
        loop, due = asyncio.get_running_loop(), self._stride
        async with asyncio.timeout(self._grace) as patience:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                part = message.get("body", b"")
                if body.size <= SMALL < body.size + len(part):
                    await self._admit(body.size + len(part), known)
                before = body.on_disk
                body.add(part)
                self._room -= body.on_disk - before
                self._check(body.size)
                more = message.get("more_body", False)
                # Only what comes steadily is waited for: much at once buys no time for the rest.
                if body.size >= due:
                    due = body.size + self._stride
                    patience.reschedule(loop.time() + self._grace)

    async def _admit(self, size: int, known: Known) -> None:
        self._check(size)
        if not await known():
            raise BodyRefused(413, _("What you sent is too large. Nothing was changed."))

    def _check(self, size: int) -> None:
        if size > self._largest:
            raise BodyRefused(413, _("What you sent is too large. Nothing was changed."))
        if size > SMALL and self._room < 0:
            raise BodyRefused(
                503, _("Too much is being sent at the same time. Please try again in a minute.")
            )
