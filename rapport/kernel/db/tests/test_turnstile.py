# ruff: noqa: E501, T201
"""Four threads in each of two processes write; all get their turns and nobody sees a locked database."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from rapport.kernel.db.sqlite.base import DatabaseWrapper
from rapport.kernel.db.turnstile import Turnstile, TurnstileTimeout

WRITERS = """
import json, sys, threading, time
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "rapport.kernel.db.sqlite", "NAME": sys.argv[1], "CONN_MAX_AGE": None,
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"}}}, INSTALLED_APPS=[])
import django
django.setup()
from django.db import connection, transaction
start, seconds = float(sys.argv[2]), float(sys.argv[3])
results = []
def write():
    waits, errors = [], []
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    time.sleep(max(0, start - time.time()))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            if len(waits) % 5:
                with transaction.atomic(), connection.cursor() as cursor:
                    waits.append(time.monotonic() - began)
                    cursor.execute("UPDATE counter SET n = n + 1")
                    time.sleep(0.0005)
            else:
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE counter SET n = n + 1")
                waits.append(time.monotonic() - began)
        except Exception as error:
            errors.append(repr(error))
    connection.close()
    results.append({"waits": waits, "errors": errors})
threads = [threading.Thread(target=write) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(json.dumps(results))
"""


def test_eight_writers_in_two_processes_get_their_turns(tmp_path):
    import sqlite3

    path = tmp_path / "db.sqlite3"
    with sqlite3.connect(path) as setup:
        setup.execute("PRAGMA journal_mode=WAL")
        setup.execute("CREATE TABLE counter (n integer)")
        setup.execute("INSERT INTO counter VALUES (0)")
    setup.close()
    start = time.time() + 1.5
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITERS, str(path), str(start), "2"], stdout=subprocess.PIPE)
        for _number in range(2)
    ]
    writers = [writer for process in processes for writer in json.loads(process.communicate(timeout=60)[0])]
    counts = [len(writer["waits"]) for writer in writers]
    waits = sorted(wait for writer in writers for wait in writer["waits"])
    print(
        f"writes {counts}, wait p95 {waits[int(len(waits) * 0.95)] * 1e3:.1f} ms, max {waits[-1] * 1e3:.1f} ms"
    )
    assert [writer["errors"] for writer in writers] == [[]] * 8
    assert sqlite3.connect(path).execute("SELECT n FROM counter").fetchone()[0] == sum(counts)
    assert min(counts) * 3 >= max(counts)
    assert waits[-1] < 2


def test_a_turn_that_does_not_come_is_an_error_in_time(tmp_path):
    first, second = (Turnstile(tmp_path / "db", timeout=0.1) for _number in range(2))
    first.enter()
    with pytest.raises(TurnstileTimeout):
        second.enter()
    first.leave()
    second.enter()
    second.close()
    first.close()


def test_the_turn_of_a_killed_process_is_free_at_once(tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom rapport.kernel.db.turnstile import Turnstile\n"
        "Turnstile(Path(sys.argv[1]), timeout=1).enter()\nprint('in', flush=True)\ntime.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "db")], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"in\n"
    process.kill()
    process.communicate()
    turnstile = Turnstile(Path(tmp_path / "db"), timeout=1)
    turnstile.enter()
    turnstile.close()


def test_waiting_turns_come_in_the_order_of_arrival(tmp_path):
    came = []
    holder = Turnstile(tmp_path / "db", timeout=5)
    holder.enter()

    def arrive(name):
        mine = Turnstile(tmp_path / "db", timeout=5)
        mine.enter()
        came.append(name)
        mine.close()

    threads = []
    for name in range(6):
        threads.append(threading.Thread(target=arrive, args=(name,)))
        threads[-1].start()
        time.sleep(0.2)
    holder.close()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4, 5]


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_turnstile_that_opened_by_half_kept_its_file(tmp_path):
    (tmp_path / "db.write").mkdir()
    before = open_files()
    for _ in range(3):
        with pytest.raises(IsADirectoryError):
            Turnstile(tmp_path / "db", timeout=0.1).enter()
    assert open_files() == before


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_turnstile_that_cannot_be_opened_was_no_error_of_the_database(tmp_path):
    (tmp_path / "db.write").mkdir()
    given = {**connection.settings_dict, **settings.DATABASES["default"], "NAME": str(tmp_path / "db")}
    database = DatabaseWrapper(given, "other")
    with pytest.raises(OperationalError, match="Is a directory"):
        database.cursor()
    database.close()
