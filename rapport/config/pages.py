"""Django as WSGI in a pool of threads, each answer handed back to the loop at once.

a2wsgi makes the environment. Its own way back crosses between threads three times for an answer, and each
crossing waits for the interpreter's lock: half of the time of a page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain
from typing import Any, NamedTuple

from a2wsgi.wsgi import build_environ
from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation

from rapport.config.bodies import Bodies, Body, Gone, Message, Receive, Refused
from rapport.config.gate import Gate, Place
from rapport.config.threads import Threads

Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

PIECE = 64 * 1024
"""Bytes of an answer that are handed over at once."""


class Whole(NamedTuple):
    """An answer that is complete."""

    start: Message
    body: bytes


class Reader:
    """Who gets an answer piece by piece, and may leave before its end."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.send = send
        self._receive = receive
        self._left: asyncio.Future[Any] | None = None

    async def take(self, message: Message) -> None:
        """Hand over one piece.

        Raises:
            Gone: the visitor left. A server takes what is sent to nobody without a word.

        """
        if self._left is None:
            self._left = asyncio.ensure_future(self._receive())
        if self._left.done() and self._left.result()["type"] == "http.disconnect":
            raise Gone
        await self.send(message)

    def forget(self) -> None:
        """Stop listening whether the visitor leaves."""
        if self._left is not None:
            self._left.cancel()


class Pages:
    """An ASGI application that answers by a WSGI one."""

    def __init__(self, application: Application, gate: Gate, bodies: Bodies, *, threads: int) -> None:
        self._application = application
        self._gate = gate
        self._bodies = bodies
        self._threads = Threads(threads)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        nothing: Any = BytesIO()
        environ: Any = build_environ(scope, nothing)
        try:
            body = await self._bodies.take(receive, _length(environ))
        except Gone:
            return
        except Refused as refused:
            await _refuse(send, environ, refused)
            return
        try:
            _put(environ, body)
            await self._respond(scope["method"], environ, Reader(receive, send))
        finally:
            self._bodies.drop(body)

    async def _respond(self, method: str, environ: Environ, reader: "Reader") -> None:
        loop = asyncio.get_running_loop()
        place = await self._gate.enter(method)
        try:
            whole = await self._threads.run(self._answer, environ, loop, reader, place)
        except Gone:
            return
        finally:
            place.leave()
            reader.forget()
        if whole is not None:
            await reader.send(whole.start)
            await reader.send({"type": "http.response.body", "body": whole.body})

    def _answer(
        self, environ: Environ, loop: asyncio.AbstractEventLoop, reader: "Reader", place: Place
    ) -> Whole | None:
        """Call the application; return its answer, or None where it was sent piece by piece.

        Raises:
            Gone: the visitor left while it was sent.

        """
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
                asyncio.run_coroutine_threadsafe(reader.take(message), loop).result()
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


def _length(environ: Environ) -> int:
    announced = environ.get("CONTENT_LENGTH", "0")
    return int(announced) if announced.isascii() and announced.isdigit() else 0


def _put(environ: Environ, body: Body) -> None:
    environ["wsgi.input"] = body.file
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["CONTENT_LENGTH"] = str(body.size)


async def _refuse(send: Send, environ: Environ, refused: Refused) -> None:
    with translation.override(translation.get_language_from_request(WSGIRequest(environ))):
        words = str(refused.words).encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(words))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        # Of one who is too slow nothing more is awaited.
        *([("Connection", "close")] if refused.status == 408 else []),
    ]
    await send(_start(str(refused.status), headers))
    await send({"type": "http.response.body", "body": words})


def _start(status: str, headers: list[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": int(status[:3]),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
