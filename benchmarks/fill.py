"""Fill an empty installation with conversations, by bulk inserts: ``python -m benchmarks.fill 100000``."""

import argparse
import os
import time

import django


def main() -> None:
    """Create the rows; prints how long each part took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("conversations", type=int, nargs="?", default=100_000)
    parser.add_argument("--open", type=int, default=2_000, help="how many of them are open")
    parser.add_argument("--no-search", action="store_true")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.company import fill

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    fill(given.conversations, given.open)
    print(f"{given.conversations} conversations in {time.perf_counter() - started:.0f} s")
    if not given.no_search:
        _index()
    # Last: while it believed that the index is empty, SQLite read all of it for each segment that it removed.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _index() -> None:
    from rapport.kernel.search import index

    started = time.perf_counter()
    documents = index.rebuild()
    while index.merge():
        pass
    print(f"indexed and merged {documents} documents in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
