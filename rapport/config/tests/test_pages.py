"""Answers of a WSGI application through the bridge, as an ASGI server sees them."""

import asyncio
import contextlib
import threading

import pytest

from rapport.config.gate import Gate
from rapport.config.pages import PIECE, SMALL, Pages


def ask(application, *, body=(), headers=(), method="POST"):
    """Return the messages that a server would get; ``body`` comes in these parts."""
    scope = {
        "type": "http",
        "method": method,
        "path": "/a",
        "query_string": b"",
        "http_version": "1.1",
        "headers": list(headers),
    }
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    coming, sent = iter([*parts, {"type": "http.request", "body": b"", "more_body": False}]), []

    async def receive():
        return next(coming)

    async def send(message):
        sent.append(message)

    asyncio.run(Pages(application, Gate(1), threads=1)(scope, receive, send))
    return sent


def echo(environ, start):
    start("201 Created", [("X-Length", str(len(environ["wsgi.input"].read())))])
    return [b"taken"]


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1])
def test_a_body_of_any_size_arrives_whole(size):
    body = [b"x" * 1000] * (size // 1000) + [b"x" * (size % 1000)]
    start, answer = ask(echo, body=body, headers=[(b"content-length", str(size).encode())])
    assert (start["status"], dict(start["headers"])[b"x-length"]) == (201, str(size).encode())
    assert answer == {"type": "http.response.body", "body": b"taken"}


@pytest.mark.parametrize(
    "headers", [[(b"transfer-encoding", b"chunked")], [(b"content-length", "²".encode())], []]
)
def test_a_body_without_a_length_is_read_as_it_comes(headers):
    start, _ = ask(echo, body=[b"abc"] if headers else [], headers=headers)
    assert dict(start["headers"])[b"x-length"] == (b"3" if headers else b"0")


def test_an_answer_in_crumbs_goes_out_at_once():
    def crumbs(_environ, start):
        start("200 OK", [])
        return (b"a" for _ in range(1000))

    assert [message.get("body") for message in ask(crumbs)] == [None, b"a" * 1000]


def test_a_long_answer_goes_out_in_pieces_and_is_closed():
    closed = threading.Event()

    class Long:
        def __iter__(self):
            return iter([b"a" * 4096] * 100)

        def close(self):
            closed.set()

    def long(_environ, start):
        start("200 OK", [])
        return Long()

    _start, *pieces = ask(long)
    assert b"".join(piece["body"] for piece in pieces) == b"a" * 409_600
    assert max(len(piece["body"]) for piece in pieces) <= PIECE
    assert (closed.is_set(), pieces[-1].get("more_body", False)) == (True, False)


def test_an_application_that_fails_fails_the_request():
    def broken(_environ, _start):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        ask(broken)


def test_an_answer_that_is_read_slowly_keeps_nobody_out():
    async def while_one_reads() -> list[bytes]:
        gate, reading, go_on = Gate(1), asyncio.Event(), asyncio.Event()

        def long(_environ, start):
            start("200 OK", [])
            return iter([b"a" * PIECE] * 3)

        async def slowly(_message):
            reading.set()
            await go_on.wait()

        async def nothing():
            return {"type": "http.request", "body": b"", "more_body": False}

        pages = Pages(long, gate, threads=2)
        scope = {"method": "GET", "path": "/", "query_string": b"", "http_version": "1.1", "headers": []}
        slow = asyncio.create_task(pages({"type": "http", **scope}, nothing, slowly))
        await reading.wait()
        async with asyncio.timeout(30):
            await gate._free.acquire()
        go_on.set()
        await slow
        return [b"let in"]

    assert asyncio.run(while_one_reads()) == [b"let in"]


@pytest.mark.parametrize("length", [b"1000", b"1000000"])
def test_a_visitor_who_left_in_the_middle_posted_half_a_form(length):
    read = []

    def form(environ, start):
        read.append(environ["wsgi.input"].read(int(length)))
        start("200 OK", [])
        return [b"sent"]

    parts = iter(
        [{"type": "http.request", "body": b"html=Half", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive():
        return next(parts)

    async def send(_message):
        raise AssertionError("nobody is there")

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/reply",
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(b"content-length", length)],
    }
    with contextlib.suppress(OSError):
        asyncio.run(Pages(form, Gate(1), threads=1)(scope, receive, send))
    assert read == []
