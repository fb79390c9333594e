"""The agent's pages over HTTP: one client for latency, eight for throughput, CPU against an empty page."""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

SERVE = "import sys; from rapport.config.cli import main; sys.exit(main())"


def measure() -> None:
    """Print a line per page."""
    cookie, number = _signed_in()
    port = free_port()
    process = _serve(port)
    try:
        _wait(port)
        pages = {
            "an empty signed-in page": "/trays/dismissed",
            "inbox, 50 rows": "/inbox/all",
            "inbox, team": "/inbox/unassigned",
            "conversation, 20 messages": f"/conversations/{number}",
            "search, common word": "/search?q=brake",
            "search, rare word": "/search?q=quetzalcoatl",
            "search, two words": "/search?q=brake+saddle",
        }
        print(f"{'page':28} {'kB':>5} {'p50 ms':>7} {'p95 ms':>7} {'CPU ms':>7} {'8 clients/s':>12}")
        for name, path in pages.items():
            size, times, cpu = _one_client(port, path, cookie, process.pid)
            rate = _eight_clients(port, path, cookie)
            p50, p95 = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
            figures = f"{size / 1000:5.0f} {p50 * 1000:7.1f} {p95 * 1000:7.1f} {cpu * 1000:7.1f} {rate:12.0f}"
            print(f"{name:28} {figures}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _signed_in() -> tuple[str, int]:
    from django.conf import settings
    from django.test import Client

    from rapport.conversations.models import Conversation
    from rapport.staff.models import Agent

    client = Client(headers={"host": "localhost"})
    agent = Agent.objects.select_related("account").filter(role="administrator").first()
    assert agent is not None
    client.force_login(agent.account)
    long = Conversation.objects.filter(message_count=20).last() or Conversation.objects.last()
    assert long is not None
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}", long.number


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _serve(port: int) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "RAPPORT_PORT": str(port), "RAPPORT_URL": f"http://localhost:{port}"}
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, "web"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not start")


def _get(connection: http.client.HTTPConnection, path: str, cookie: str) -> int:
    connection.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return len(body)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _one_client(port: int, path: str, cookie: str, pid: int) -> tuple[int, list[float], float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(20):
        size = _get(connection, path, cookie)
    times, before = [], _cpu(pid)
    for _ in range(150):
        began = time.perf_counter()
        _get(connection, path, cookie)
        times.append(time.perf_counter() - began)
    return size, times, (_cpu(pid) - before) / len(times)


def _eight_clients(port: int, path: str, cookie: str, seconds: float = 4) -> float:
    done = [0] * 8
    until = time.perf_counter() + seconds

    def run(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < until:
            _get(connection, path, cookie)
            done[place] += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds
