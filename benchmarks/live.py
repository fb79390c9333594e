"""A thousand open streams on one web process: what each costs, and how fast one event reaches all of them."""

import resource
import select
import socket
import time

from benchmarks.served import serving, visitor

STREAMS = 1000
EVENTS = 7


def measure() -> None:
    """Print the memory of a stream and the slowest hundredth of each of several events."""
    from rapport.kernel.live.signal import signal

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    who = visitor()
    streams: list[socket.socket] = []
    with serving() as served:
        streams = [who.follow(served, f"agent:{who.agent}") for _ in range(50)]
        before = served.streaming()
        streams += [who.follow(served, f"agent:{who.agent}") for _ in range(STREAMS - 50)]
        each = (served.streaming() - before) / (STREAMS - 50)
        tails = []
        for seq in range(1, EVENTS + 1):
            began = time.monotonic()
            signal(f"agent:{who.agent}", seq)
            tails.append(_spread(streams, seq, began))
            time.sleep(0.3)
        for stream in streams:
            stream.close()
    print(f"{each / 1000:.1f} kB per idle stream")
    print(f"one event to {STREAMS}: p99 {', '.join(f'{tail * 1000:.0f}' for tail in tails)} ms")


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
