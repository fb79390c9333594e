"""Django as WSGI in a pool of threads, each answer handed back to the loop at once.

a2wsgi makes the environment and reads large bodies. Its own way back crosses between threads three times
for an answer, and each crossing waits for the interpreter's lock: half of the time of a page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import chain
from typing import Any, NamedTuple

from a2wsgi.wsgi import Body, build_environ

from rapport.config.gate import Gate, Place

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

SMALL = 256 * 1024
"""Bytes of a body that is read before the application is called; a larger one is read as it goes."""
PIECE = 64 * 1024
"""Bytes of an answer that are handed over at once."""


class Gone(ConnectionError):
    """The visitor left before the body was complete: half a form must not be taken for a whole one."""


class Whole(NamedTuple):
    """An answer that is complete."""

    start: Message
    body: bytes


class Pages:
    """An ASGI application that answers by a WSGI one."""

    def __init__(self, application: Application, gate: Gate, *, threads: int) -> None:
        self._application = application
        self._gate = gate
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        loop, coming = asyncio.get_running_loop(), _unbroken(receive)
        environ: Any = build_environ(scope, Body(loop, coming))
        if _is_small(environ):
            try:
                environ["wsgi.input"] = BytesIO(await _all_of(coming))
            except Gone:
                return
        place = await self._gate.enter(scope["method"])
        try:
            whole = await loop.run_in_executor(self._threads, self._answer, environ, loop, send, place)
        finally:
            place.leave()
        if whole is not None:
            await send(whole.start)
            await send({"type": "http.response.body", "body": whole.body})

    def _answer(
        self, environ: Environ, loop: asyncio.AbstractEventLoop, send: Send, place: Place
    ) -> Whole | None:
        """Call the application; return its answer, or None where it was sent piece by piece."""
        started: list[Message] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            started[:] = [_start(status, headers)]

        answer = self._application(environ, start_response)
        try:
            pieces = _gathered(answer)
            first, second = next(pieces, b""), next(pieces, None)
            if second is None:
                return Whole(started[0], first)
            loop.call_soon_threadsafe(place.leave)
            for message in _messages(started[0], first, second, pieces):
                # Waiting for the loop: a slow reader slows this thread, and memory holds one piece.
                asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        return None


def _gathered(answer: Iterable[bytes]) -> Iterator[bytes]:
    """Join what an application yields to pieces of at least ``PIECE`` bytes, the last one aside."""
    held = bytearray()
    for part in answer:
        held += part
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _messages(start: Message, first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[Message]:
    yield start
    for piece in chain((first, second), rest):
        yield {"type": "http.response.body", "body": piece, "more_body": True}
    yield {"type": "http.response.body", "body": b""}


async def _sent(send: Send, message: Message) -> None:
    await send(message)


def _is_small(environ: Environ) -> bool:
    if "HTTP_TRANSFER_ENCODING" in environ:
        return False
    length = environ.get("CONTENT_LENGTH", "0")
    return length.isascii() and length.isdigit() and int(length) <= SMALL


def _unbroken(receive: Receive) -> Receive:
    """Return ``receive`` that raises where the visitor is gone: for Django a body that cannot be read."""

    async def receiving() -> Any:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        return message

    return receiving


async def _all_of(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _start(status: str, headers: list[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": int(status[:3]),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
