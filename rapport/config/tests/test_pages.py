"""Answers of a WSGI application through the bridge, as an ASGI server sees them."""

import asyncio
import contextlib
import threading
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir

import pytest

from rapport.config.bodies import SMALL, Bodies
from rapport.config.gate import Gate
from rapport.config.pages import PIECE, Pages
from rapport.config.readers import PATIENCE

PATIENT = 10_000.0
"""Seconds that no test lasts."""


def anybody(_scope):
    return True


def pages(application, *, threads=1, known=anybody, **limits):
    bodies = Bodies(Path(gettempdir()), **{"largest": 10 * SMALL, "grace": PATIENT, **limits})
    return Pages(application, Gate(1), bodies, threads=threads, known=known)


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


class Hours(asyncio.SelectorEventLoop):
    """A loop whose clock goes forward as a test says."""

    passed = 0.0

    def time(self):
        return super().time() + self.passed


def status_after(parts):
    """Return the status of an upload of these (seconds until it comes, bytes); 60 s are for a ``SMALL``."""
    coming, sent = iter(parts), []

    async def answer():
        async def receive():
            seconds, size = next(coming, (0, None))
            asyncio.get_running_loop().passed += seconds
            await asyncio.sleep(0)
            more = size is not None
            return {"type": "http.request", "body": b"a" * (size or 0), "more_body": more}

        async def send(message):
            sent.append(message)

        await pages(echo, grace=60.0, stride=SMALL)(scope_of(), receive, send)

    with asyncio.Runner(loop_factory=Hours) as runner:
        runner.run(answer())
    return sent[0]["status"]


def test_an_upload_that_is_slow_but_goes_on_is_waited_for():
    assert status_after([(50, SMALL)] * 8) == 201


def test_much_that_came_at_once_bought_hours_for_the_rest():
    assert status_after([(1, SMALL)] * 8 + [(61, 10)]) == 408


@pytest.mark.parametrize("announced", [True, False])
def test_strangers_filled_the_disk_with_what_no_page_of_theirs_takes(announced):
    def nobody(_scope):
        return False

    headers = [(b"content-length", b"%d" % (2 * SMALL))] if announced else []
    start, *_ = ask(echo, body=[b"a" * SMALL] * 2, headers=headers, known=nobody)
    assert start["status"] == 413
    start, *_ = ask(echo, body=[b"a" * SMALL], known=nobody)
    assert start["status"] == 201


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


async def nothing():
    return {"type": "http.request", "body": b"", "more_body": False}


def test_files_that_nobody_takes_kept_all_pages_out(tmp_path):
    (tmp_path / "large").write_bytes(b"a" * 3 * PIECE)
    closed = []

    def files(environ, start):
        start("200 OK", [])
        if environ["PATH_INFO"] != "/file":
            return [b"page"]
        file = (tmp_path / "large").open("rb")
        answer = environ["wsgi.file_wrapper"](file, 4096)
        file_close, file.close = file.close, lambda: (closed.append(1), file_close())
        return answer

    async def while_many_read() -> tuple[list[bytes], bytes]:
        answering, stuck, go_on, taken, page = pages(files, threads=1), [], asyncio.Event(), [], []

        async def slowly(message):
            stuck.append(message)
            await go_on.wait()
            taken.append(message.get("body", b""))

        async def at_once(message):
            page.append(message.get("body"))

        asked = scope_of("GET") | {"path": "/file"}
        many = [asyncio.create_task(answering(asked, nothing, slowly)) for _ in range(5)]
        while len(stuck) < 5:
            await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await answering(scope_of("GET"), nothing, at_once)
        go_on.set()
        await asyncio.gather(*many)
        return page, b"".join(taken)

    page, taken = asyncio.run(while_many_read())
    assert page == [None, b"page"]
    assert (len(taken), len(closed)) == (5 * 3 * PIECE, 5)


def test_a_small_file_is_one_answer_and_is_closed(tmp_path):
    (tmp_path / "small").write_bytes(b"abc")
    opened = []

    def small(environ, start):
        start("200 OK", [])
        opened.append((tmp_path / "small").open("rb"))
        return environ["wsgi.file_wrapper"](opened[0])

    assert ask(small)[1:] == [{"type": "http.response.body", "body": b"abc"}]
    assert opened[0].closed


def test_a_table_that_nobody_takes_kept_its_thread_for_good():
    closed = threading.Event()

    class Table:
        def __iter__(self):
            return iter([b"a" * PIECE] * 9)

        def close(self):
            closed.set()

    def table(_environ, start):
        start("200 OK", [])
        return Table()

    async def while_nothing_is_taken() -> None:
        asked = asyncio.Event()

        async def never(_message):
            asyncio.get_running_loop().passed += PATIENCE + 1
            asked.set()
            await asyncio.Event().wait()

        answering = asyncio.create_task(pages(table)(scope_of("GET"), nothing, never))
        await asked.wait()
        await answering

    with asyncio.Runner(loop_factory=Hours) as runner:
        runner.run(while_nothing_is_taken())
    assert closed.is_set()


def test_a_connection_that_was_closed_meanwhile_was_an_error_in_the_log():
    def long(_environ, start):
        start("200 OK", [])
        return iter([b"a" * PIECE] * 3)

    async def closed(_message):
        raise RuntimeError("unable to perform operation on <TCPTransport>; the handler is closed")

    asyncio.run(pages(long)(scope_of("GET"), nothing, closed))


def test_a_table_that_is_read_slowly_lets_others_compute():
    async def while_one_reads() -> list[bytes]:
        gate, reading, go_on = Gate(1), asyncio.Event(), asyncio.Event()
        bodies = Bodies(Path(gettempdir()), largest=SMALL)

        def long(_environ, start):
            start("200 OK", [])
            return iter([b"a" * PIECE] * 3)

        async def slowly(_message):
            reading.set()
            await go_on.wait()

        answering = Pages(long, gate, bodies, threads=2, known=anybody)
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
