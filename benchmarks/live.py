"""A thousand open streams on one web process: what each costs, and how fast one event reaches all of them."""

import os
import resource
import select
import signal as signals
import socket
import time
from pathlib import Path

from benchmarks.pages import _serve, _signed_in, _wait, free_port

STREAMS = 1000
EVENTS = 7


def measure() -> None:
    """Print the memory of a stream and the slowest hundredth of each of several events."""
    from rapport.kernel.live.signal import signal
    from rapport.staff.models import Agent

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    cookie, _number = _signed_in()
    agent = Agent.objects.filter(role="administrator").values_list("pk", flat=True).first()
    port = free_port()
    process = _serve(port)
    streams: list[socket.socket] = []
    try:
        _wait(port)
        streams = [_open(port, cookie, agent) for _ in range(50)]
        before = _memory(process.pid)
        streams += [_open(port, cookie, agent) for _ in range(STREAMS - 50)]
        each = (_memory(process.pid) - before) / (STREAMS - 50)
        tails = []
        for seq in range(1, EVENTS + 1):
            began = time.monotonic()
            signal(f"agent:{agent}", seq)
            tails.append(_spread(streams, seq, began))
            time.sleep(0.3)
        print(f"{each / 1000:.1f} kB per idle stream")
        print(f"one event to {STREAMS}: p99 {', '.join(f'{tail * 1000:.0f}' for tail in tails)} ms")
    finally:
        for stream in streams:
            stream.close()
        os.killpg(process.pid, signals.SIGTERM)
        process.wait(20)


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _open(port: int, cookie: str, agent: int | None) -> socket.socket:
    stream = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = f"GET /live?topics=agent:{agent} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
    stream.sendall(head.encode())
    received = b""
    while b"event: ready" not in received:
        part = stream.recv(4096)
        if not part:
            raise SystemExit(f"the stream was closed: {received[:300]!r}")
        received += part
    return stream


def _spread(streams: list[socket.socket], seq: int, began: float) -> float:
    poll = select.epoll()
    waiting = {stream.fileno(): stream for stream in streams}
    for number in waiting:
        poll.register(number, select.EPOLLIN)
    arrived = []
    wanted = b'"seq":%d}' % seq
    while waiting and time.monotonic() - began < 20:
        for number, _events in poll.poll(1):
            if wanted in waiting[number].recv(65_536):
                arrived.append(time.monotonic() - began)
                poll.unregister(number)
                del waiting[number]
    poll.close()
    return arrived[int(len(arrived) * 0.99)] if not waiting else float("inf")
