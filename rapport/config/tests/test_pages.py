"""Answers of a WSGI application through the bridge, as an ASGI server sees them."""

import asyncio
import contextlib
import threading
from io import BytesIO

import pytest

from rapport.config.bodies import SMALL, Bodies
from rapport.config.gate import Gate
from rapport.config.pages import PIECE, Pages

PATIENT = 10_000.0
"""Seconds that no test lasts."""


def pages(application, *, threads=1, **limits):
    bodies = Bodies(**{"largest": 10 * SMALL, "grace": PATIENT, **limits})
    return Pages(application, Gate(1), bodies, threads=threads)


def scope_of(method="POST", headers=()):
    return {
        "type": "http",
        "method": method,
        "path": "/a",
        "query_string": b"",
        "http_version": "1.1",
        "headers": list(headers),
    }


def ask(application, *, body=(), headers=(), method="POST", **limits):
    """Return the messages that a server would get; ``body`` comes in these parts."""
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in body]
    coming, sent = iter([*parts, {"type": "http.request", "body": b"", "more_body": False}]), []

    async def receive():
        message = next(coming, None)
        return await asyncio.Event().wait() if message is None else message

    async def send(message):
        sent.append(message)

    asyncio.run(pages(application, **limits)(scope_of(method, headers), receive, send))
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


def test_a_body_in_chunks_was_empty_to_readers_that_go_by_its_length():
    def by_length(environ, start):
        length = int(environ["CONTENT_LENGTH"])
        return echo({"wsgi.input": BytesIO(environ["wsgi.input"].read(length))}, start)

    start, _ = ask(by_length, body=[b"abc", b"de"], headers=[(b"transfer-encoding", b"chunked")])
    assert dict(start["headers"])[b"x-length"] == b"5"


def test_uploads_that_stall_kept_all_pages_out():
    async def while_one_stalls():
        stalled = asyncio.Event()
        one = iter([{"type": "http.request", "body": b"abc", "more_body": True}])

        async def stalling():
            message = next(one, None)
            if message is None:
                stalled.set()
                await asyncio.Event().wait()
            return message

        async def whole():
            return {"type": "http.request", "body": b"", "more_body": False}

        sent = []

        async def send(message):
            sent.append(message)

        answering = pages(echo, threads=1)
        upload = scope_of(headers=[(b"content-length", b"300000")])
        stuck = asyncio.create_task(answering(upload, stalling, send))
        await stalled.wait()
        async with asyncio.timeout(30):
            await answering(scope_of("GET"), whole, send)
        stuck.cancel()
        return sent

    assert [message.get("body") for message in asyncio.run(while_one_stalls())] == [None, b"taken"]


def refused(body, *, length=b"300000", language=b"en", **limits):
    """Return status and words of an upload that is not handed on."""

    def never(_environ, _start):
        raise AssertionError("handed on")

    headers = [(b"content-length", length), (b"accept-language", language)]
    start, answer = ask(never, body=body, headers=headers, **limits)
    return start["status"], answer["body"].decode()


def test_an_upload_that_stalls_is_given_up():
    def never(_environ, _start):
        raise AssertionError("handed on")

    sent = []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", b"300000")]
    asyncio.run(pages(never, grace=0.0)(scope_of(headers=headers), receive, send))
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"connection"]) == (408, b"close")


def test_an_upload_that_is_slow_but_goes_on_is_waited_for():
    parts = iter(
        [{"type": "http.request", "body": b"a", "more_body": more} for more in (True, True, True, False)]
    )
    first, sent = [True], []

    async def receive():
        if not first:
            for _ in range(5):
                await asyncio.sleep(0)
        first.clear()
        return next(parts)

    async def send(message):
        sent.append(message)

    asyncio.run(pages(echo, grace=0.0, rate=1 / PATIENT)(scope_of(), receive, send))
    assert dict(sent[0]["headers"])[b"x-length"] == b"4"


def test_an_upload_that_is_too_large_is_refused_before_it_comes():
    assert refused([], length=b"99999999999") == (413, "What you sent is too large. Nothing was changed.")
    assert refused([b"a" * SMALL] * 11)[0] == 413
    status, words = refused([], length=b"99999999999", language=b"de-DE,de;q=0.9")
    assert (status, words) == (413, "Was gesendet wurde, ist zu groß. Nichts wurde geändert.")


def test_uploads_fill_no_disk():
    assert refused([b"a" * SMALL] * 3, room=2 * SMALL)[0] == 503
    [start, _] = ask(echo, body=[b"a" * 1000], room=-1)
    assert start["status"] == 201


def test_the_room_of_an_upload_is_free_again():
    async def three_times():
        answering, sent = pages(echo, room=3 * SMALL), []

        async def send(message):
            sent.append(message)

        for _ in range(3):
            parts = iter([True, True, False])

            async def receive(parts=parts):
                return {"type": "http.request", "body": b"a" * SMALL, "more_body": next(parts)}

            await answering(scope_of(), receive, send)
        return [message["status"] for message in sent if "status" in message]

    assert asyncio.run(three_times()) == [201, 201, 201]


def test_an_answer_went_on_after_its_reader_had_left():
    async def leave_in_the_middle():
        left, closed, made = asyncio.Event(), threading.Event(), []

        class Endless:
            def __iter__(self):
                while len(made) < 10_000:
                    made.append(1)
                    yield b"a" * PIECE

            def close(self):
                closed.set()

        def endless(_environ, start):
            start("200 OK", [])
            return Endless()

        parts = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive():
            message = next(parts, None)
            if message is None:
                await left.wait()
            return message or {"type": "http.disconnect"}

        async def send(_message):
            left.set()

        await pages(endless)(scope_of("GET"), receive, send)
        return closed.is_set(), len(made)

    closed, made = asyncio.run(leave_in_the_middle())
    assert closed
    assert made < 10_000


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
        bodies = Bodies(largest=SMALL)

        def long(_environ, start):
            start("200 OK", [])
            return iter([b"a" * PIECE] * 3)

        async def slowly(_message):
            reading.set()
            await go_on.wait()

        async def nothing():
            return {"type": "http.request", "body": b"", "more_body": False}

        answering = Pages(long, gate, bodies, threads=2)
        slow = asyncio.create_task(answering(scope_of("GET"), nothing, slowly))
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

    with contextlib.suppress(OSError):
        asyncio.run(pages(form)(scope_of(headers=[(b"content-length", length)]), receive, send))
    assert read == []
