"""Django as WSGI in a pool of threads, each answer handed back to the loop at once.

a2wsgi makes the environment. Its own way back crosses between threads three times for an answer, and each
crossing waits for the interpreter's lock: half of the time of a page.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from a2wsgi.wsgi import build_environ
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.utils import translation

from rapport.config.bodies import Bodies, Body, BodyRefused, Gone, Message, Receive
from rapport.config.gate import Admission, Gate
from rapport.config.memory import give_back
from rapport.config.readers import Reader, Send
from rapport.config.threads import Threads

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Known = Callable[[Any], bool]
"""Tells of the scope of a request, in a thread, whether its sender may send much."""

PIECE = 64 * 1024
"""Bytes of an answer that are handed over at once."""


class Whole(NamedTuple):
    """An answer that is complete."""

    start: Message
    body: bytes


class OfFile:
    """A file as an answer (PEP 3333, ``wsgi.file_wrapper``): a thread has it only while a piece is read."""

    def __init__(self, file: BinaryIO, _block: int = 0) -> None:
        self._file = file

    def piece(self) -> bytes:
        """Read on; nothing at its end."""
        return self._file.read(PIECE)

    def close(self) -> None:
        """Close the file, and what Django closes with it."""
        self._file.close()


class Begun(NamedTuple):
    """An answer of which the start and the first piece are there."""

    start: Message
    first: bytes
    rest: OfFile


class Pages:
    """An ASGI application that answers by a WSGI one."""

    def __init__(
        self, application: Application, gate: Gate, bodies: Bodies, *, threads: int, known: Known
    ) -> None:
        self._application = application
        self._gate = gate
        self._bodies = bodies
        self._threads = Threads(threads, leave=_leave)
        self._known = known

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        nothing: Any = BytesIO()
        environ: Any = build_environ(scope, nothing)
        try:
            body = await self._bodies.take(
                receive, _length(environ), lambda: self._threads.run(self._known, scope)
            )
        except Gone:
            return
        except BodyRefused as refused:
            await _refuse(send, environ, refused)
            return
        reader = Reader(receive, send)
        try:
            _put(environ, body)
            await self._respond(scope["method"], environ, reader)
        except Gone:
            return
        finally:
            reader.forget()
            self._bodies.drop(body)

    async def prepare(self, act: Callable[[], object]) -> None:
        """Call ``act`` in the thread that makes the first page: what it leaves there is found by that."""
        await self._threads.run(act)

    async def _respond(self, method: str, environ: Environ, reader: Reader) -> None:
        loop = asyncio.get_running_loop()
        place = await self._gate.enter(method)
        try:
            answer = await self._threads.run(self._answer, environ, loop, reader, place)
        finally:
            place.leave()
        if isinstance(answer, Whole):
            await reader.take_whole(answer.start, answer.body)
        elif answer is not None:
            await self._hand_over(answer, reader)

    async def _hand_over(self, answer: Begun, reader: Reader) -> None:
        """Give a file to its reader. However many do not take theirs, they keep no thread."""
        try:
            await reader.take(answer.start)
            piece = answer.first
            while piece:
                await reader.take({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await self._threads.run(answer.rest.piece)
            await reader.take({"type": "http.response.body", "body": b""})
        finally:
            await self._threads.run(answer.rest.close)

    def _answer(
        self, environ: Environ, loop: asyncio.AbstractEventLoop, reader: Reader, place: Admission
    ) -> Whole | Begun | None:
        """Call the application; return its answer, or None where it was sent piece by piece.

        Raises:
            Gone: the visitor left while it was sent.

        """
        started: list[Message] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            started[:] = [_start(status, headers)]

        answer = self._application(environ, start_response)
        if isinstance(answer, OfFile):
            return _begun(started[0], answer)
        try:
            pieces = _gathered(answer)
            first, second = next(pieces, b""), next(pieces, None)
            if second is None:
                return Whole(started[0], first)
            loop.call_soon_threadsafe(place.leave)
            for message in _messages(started[0], first, second, pieces):
                # It is made from the database, in this thread; a slow reader slows it, as long as they may.
                asyncio.run_coroutine_threadsafe(reader.take(message), loop).result()
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        return None


def _leave() -> None:
    connections.close_all()
    give_back()


def _begun(start: Message, answer: OfFile) -> Whole | Begun:
    first = answer.piece()
    if len(first) == PIECE:
        return Begun(start, first, answer)
    answer.close()
    return Whole(start, first)


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
    environ["wsgi.file_wrapper"] = OfFile
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["CONTENT_LENGTH"] = str(body.size)


async def _refuse(send: Send, environ: Environ, refused: BodyRefused) -> None:
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
