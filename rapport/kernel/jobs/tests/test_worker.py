# ruff: noqa: E501, T201
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from rapport.kernel import clock
from rapport.kernel.jobs import alive, leases, worker
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.jobs.queues import Queue, register_queue, unregister_queue, wake

SCRIPT = """
import sys, threading, time
from pathlib import Path
from django.conf import settings
settings.configure(
    DATA=Path(sys.argv[1]), USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["rapport.kernel.db", "rapport.kernel.jobs"],
    DATABASES={"default": {"ENGINE": "rapport.kernel.db.sqlite", "NAME": sys.argv[1] + "/db.sqlite3", "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}}})
import django
django.setup()
from django.core.management import call_command
from rapport.kernel.jobs import tasks, worker
def work():
    print("began", flush=True)
    time.sleep(float(sys.argv[3]))
    print("ready", flush=True)
tasks.job("test.work")(work)
if sys.argv[2] == "ask":
    call_command("migrate", verbosity=0)
    tasks.enqueue("test.work")
else:
    worker.run(threading.Event(), only={"jobs"})
"""


@pytest.fixture
def running(transactional_db):
    """Start the real worker in threads on a queue of its own; yield (start, ran)."""
    ran, stop, threads = [], threading.Event(), []

    def start(handler=None, **options):
        def handle(row):
            ran.append((row.pk, time.monotonic()))
            if handler is not None:
                handler(row)

        register_queue(Queue(name="test", model=Job, handler=handle, **options))
        thread = threading.Thread(target=worker.run, args=(stop, {"test"}))
        thread.start()
        threads.append(thread)
        time.sleep(0.4)

    yield start, ran
    stop.set()
    for thread in threads:
        thread.join()
    unregister_queue("test")


def until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert condition()


def test_a_commit_wakes_the_worker_within_milliseconds(running):
    start, ran = running
    start()
    delays = []
    for _number in range(20):
        row = Job.objects.create(name="x")
        wake("test")
        committed = time.monotonic()
        until(lambda row=row: any(pk == row.pk for pk, _at in ran))
        delays.append(ran[-1][1] - committed)
        time.sleep(0.02)
    delays.sort()
    print(f"commit to handler: median {delays[10] * 1e3:.1f} ms, longest {delays[-1] * 1e3:.1f} ms")
    assert delays[10] < worker.FALLBACK_POLL / 4


def test_what_is_due_later_runs_without_a_wake(running):
    start, ran = running
    start()
    due = time.monotonic() + 0.6
    Job.objects.create(name="x", run_at=clock.now() + timedelta(seconds=0.6))
    until(lambda: len(ran) == 1)
    assert ran[0][1] >= due


def test_threads_of_one_queue_work_side_by_side(running):
    start, ran = running
    start(lambda row: time.sleep(0.5), concurrency=3, batch=1)
    for _number in range(3):
        Job.objects.create(name="x")
    wake("test")
    until(lambda: Job.objects.filter(state=State.DONE).count() == 3, 3.0)
    assert max(at for _pk, at in ran) - min(at for _pk, at in ran) < 0.4


def test_heartbeats_keep_a_long_row_from_others(running):
    start, ran = running
    start(lambda row: time.sleep(4), lease=timedelta(seconds=2.5), concurrency=2, batch=1)
    Job.objects.create(name="x")
    until(lambda: Job.objects.filter(state=State.DONE).count() == 1, 8.0)
    assert len(ran) == 1


class Killed(BaseException):
    """What no handler catches, as a kill: the row stays with the worker that is no more."""


@pytest.mark.django_db
def test_rows_beside_one_that_kills_its_worker_died_with_it():
    deadly, *innocent = [Job.objects.create(name="x").pk for _number in range(4)]
    ran = []

    def handle(row):
        if row.pk == deadly:
            raise Killed
        ran.append(row.pk)

    register_queue(Queue(name="test", model=Job, handler=handle, max_attempts=3))
    try:
        for _death in range(3):
            with pytest.raises(Killed):
                worker.drain({"test"})
            Job.objects.filter(pk=deadly).update(run_at=clock.now() - timedelta(hours=1))
            assert leases.requeue_of(Job, "drain")
        worker.drain({"test"})
    finally:
        unregister_queue("test")
    assert ran == innocent
    assert Job.objects.get(pk=deadly).state == State.FAILED


def test_rows_behind_a_refusing_database_waited_for_the_next_start(running):
    start, ran = running

    def handle(_row):
        if len(ran) == 1:
            with connection.cursor() as cursor:
                sqlite = connection.vendor == "sqlite"
                cursor.execute(
                    "PRAGMA query_only = 1" if sqlite else "SET default_transaction_read_only = on"
                )

    for _number in range(3):
        Job.objects.create(name="x")
    start(handle, lease=timedelta(seconds=2))
    until(lambda: Job.objects.filter(state=State.DONE).count() == 3)


def test_an_error_that_was_not_the_databases_ended_a_queues_threads_for_good(running):
    start, ran = running
    refused = []

    def due():
        if len(refused) < 2:
            refused.append(threading.current_thread().name)
            raise OSError(24, "Too many open files")
        return Job.objects.all()

    start(due=due, concurrency=2)
    until(lambda: len(refused) == 2)
    Job.objects.create(name="x")
    until(lambda: len(ran) == 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_without_one_of_its_threads_lived_on(transactional_db):
    def end(_row):
        raise SystemExit

    Job.objects.create(name="x")
    register_queue(Queue(name="test", model=Job, handler=end))
    stop = threading.Event()
    try:
        with pytest.raises(worker.ThreadDied, match="test-0"):
            worker.run(stop, only={"test"})
    finally:
        unregister_queue("test")
    assert stop.is_set()


@pytest.mark.django_db
def test_a_burial_that_failed_was_no_error_of_its_row():
    row, buried = Job.objects.create(name="x", attempts=3), []

    def bury(dead):
        buried.append(dead.pk)
        if len(buried) == 1:
            raise OSError(28, "No space left on device")
        leases.fail(dead, "seen")

    register_queue(Queue(name="test", model=Job, handler=bury, max_attempts=3, on_dead=bury))
    try:
        worker.drain({"test"})
        row.refresh_from_db()
        assert (row.state, row.last_error) == (State.QUEUED, "OSError: [Errno 28] No space left on device")
        with clock.travel(clock.now() + timedelta(hours=1)):
            worker.drain({"test"})
    finally:
        unregister_queue("test")
    row.refresh_from_db()
    assert (row.state, row.last_error) == (State.FAILED, "seen")


def _process(tmp_path, act, seconds="60"):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), act, seconds],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def test_the_row_of_a_killed_worker_goes_on_at_once(tmp_path):
    asked = _process(tmp_path, "ask")
    asked.communicate()
    assert asked.returncode == 0
    first = _process(tmp_path, "work")
    assert first.stdout.readline() == b"began\n"
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    killed = time.monotonic()
    second = _process(tmp_path, "work", "0")
    try:
        assert second.stdout.readline() == b"began\n"
        assert second.stdout.readline() == b"ready\n"
        print(f"taken over {time.monotonic() - killed:.1f} s after the kill, with the start of Python")
        assert time.monotonic() - killed < 20
    finally:
        second.kill()
        second.communicate()


def test_only_the_dead_are_called_dead(tmp_path):
    with alive.announced(tmp_path) as name:
        assert list(alive.dead(tmp_path)) == []
    (tmp_path / "ghost.worker").touch()
    assert name
    assert list(alive.dead(tmp_path)) == ["ghost"]
    assert list(alive.dead(tmp_path)) == []
