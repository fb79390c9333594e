"""The agent's pages over HTTP: one client for latency, eight for throughput, CPU against an empty page."""

import statistics
import time

from benchmarks.served import Served, Visitor, requests_a_second, serving, visitor

REQUESTS = 150


def measure() -> None:
    """Print a line per page; on PostgreSQL two web processes answer."""
    from django.db import connection

    who, number = visitor(), _long_conversation()
    pages = {
        "an empty signed-in page": "/trays/dismissed",
        "inbox, 50 rows": "/inbox/all",
        "inbox, unassigned": "/inbox/unassigned",
        "conversation, 20 messages": f"/conversations/{number}",
        "search, common word": "/search?q=brake",
        "search, rare word": "/search?q=quetzalcoatl",
        "search, two words": "/search?q=brake+saddle",
    }
    web_processes = 2 if connection.vendor == "postgresql" else 1
    with serving(web_processes=web_processes) as served:
        print(f"{connection.vendor}, web processes: {web_processes}")
        print(f"{'page':28} {'kB':>5} {'p50 ms':>7} {'p95 ms':>7} {'CPU ms':>7} {'8 clients/s':>12}")
        for name, path in pages.items():
            size, times, cpu = _one_client(served, who, path)
            rate = requests_a_second(served, who, path)
            p50, p95 = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
            figures = f"{size / 1000:5.1f} {p50 * 1000:7.1f} {p95 * 1000:7.1f} {cpu * 1000:7.1f} {rate:12.0f}"
            print(f"{name:28} {figures}")


def _long_conversation() -> int:
    from rapport.conversations.models import Conversation

    long = Conversation.objects.filter(message_count=20).last() or Conversation.objects.last()
    assert long is not None
    return long.number


def _one_client(served: Served, who: Visitor, path: str) -> tuple[int, list[float], float]:
    connection = who.pages(served)
    for _ in range(20):
        size = len(who.get(connection, path))
    times, before = [], served.cpu()
    for _ in range(REQUESTS):
        began = time.perf_counter()
        who.get(connection, path)
        times.append(time.perf_counter() - began)
    return size, times, (served.cpu() - before) / len(times)
