"""``rapport serve`` on the installation under measure, and the agent who asks it for pages."""

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port

COMMAND = [sys.executable, "-c", "import sys; from rapport.config.cli import main; sys.exit(main())", "serve"]

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass(frozen=True)
class Served:
    """A running product."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of processor time that all its processes have used."""
        return sum(_cpu(pid) for pid in _tree(self.pid))

    def memory(self) -> int:
        """Return the bytes it holds, pages that its processes share counted once (PSS)."""
        return sum(_proportional(pid) for pid in _tree(self.pid))

    def streaming(self) -> int:
        """Return the bytes that the process with the most open files holds: the one that has the streams."""
        return _proportional(max(_tree(self.pid), key=_open_files))


@dataclass(frozen=True)
class Visitor:
    """An administrator who is signed in, ``cookie`` as sent."""

    cookie: str
    agent: int

    def pages(self, served: Served) -> http.client.HTTPConnection:
        """Return a connection that ``get`` asks for pages."""
        return http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)

    def get(self, connection: http.client.HTTPConnection, path: str) -> bytes:
        """Return a page; anything but 200 ends the run."""
        connection.request("GET", path, headers={"Cookie": self.cookie, "Host": "localhost"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        return body

    def wire(self, served: Served) -> socket.socket:
        """Return a connection that ``ask`` asks for pages."""
        return socket.create_connection(("127.0.0.1", served.port), timeout=30)

    def ask(self, wire: socket.socket, path: str) -> None:
        """Get a page; anything but 200 ends the run. Lean: clients share the two cores with the product."""
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode())
        head, _, body = until(wire, b"\r\n\r\n").partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if length is None or not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"{path}: {head[:200]!r}")
        missing = int(length[1]) - len(body)
        while missing > 0:
            part = wire.recv(65_536)
            if not part:
                raise SystemExit(f"{path} broke off")
            missing -= len(part)

    def follow(self, served: Served, *topics: str) -> socket.socket:
        """Return an open stream of these topics that stands."""
        stream = socket.create_connection(("127.0.0.1", served.port), timeout=30)
        path = f"/live?topics={','.join(topics)}"
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookie}\r\n\r\n".encode())
        until(stream, b"event: ready")
        return stream


@contextmanager
def serving(*, web_processes: int = 1) -> Iterator[Served]:
    """Run the product until the block ends, from the moment its port is open."""
    port = free_port()
    environment = {
        **os.environ,
        "RAPPORT_PORT": str(port),
        "RAPPORT_URL": f"http://localhost:{port}",
        "RAPPORT_WEB_PROCESSES": str(web_processes),
    }
    process = subprocess.Popen(
        COMMAND,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _answers(port)
        yield Served(port, process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def visitor() -> Visitor:
    """Sign in an administrator who has seen a page, so that a browser would hold all cookies."""
    from django.test import Client

    from rapport.staff.models import Agent

    client = Client(headers={"host": "localhost"})
    agent = Agent.objects.select_related("account").filter(role="administrator").first()
    assert agent is not None
    client.force_login(agent.account)
    client.get("/trays/dismissed")
    held = (f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    return Visitor("; ".join(held), agent.pk)


def requests_a_second(
    served: Served, who: Visitor, path: str, *, clients: int = 8, seconds: float = 4
) -> float:
    """Let ``clients`` ask for a page over and over; return how many answers a second came."""
    done = [0] * clients
    end = time.perf_counter() + seconds

    def run(place: int) -> None:
        with who.wire(served) as wire:
            while time.perf_counter() < end:
                who.ask(wire, path)
                done[place] += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def until(stream: socket.socket, wanted: bytes) -> bytes:
    """Read a stream until ``wanted`` has come; return all that came."""
    received = b""
    while wanted not in received:
        part = stream.recv(65_536)
        if not part:
            raise SystemExit(f"the connection was closed: {received[-300:]!r}")
        received += part
    return received


def line(seconds: list[float]) -> str:
    """Say median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[int(len(ordered) * 0.95)] * 1000
    return f"p50 {statistics.median(ordered) * 1000:.1f} ms, p95 {p95:.1f} ms"


def _answers(port: int) -> None:
    for _ in range(3000):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/accounts/login/", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise SystemExit("the product did not start")


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _proportional(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(row.split()[1]) * 1024 for row in rollup.splitlines() if row.startswith("Pss:"))
