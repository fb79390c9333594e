"""The write-ahead log is moved beside the writers, begins anew, and never grows for ever."""

import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from rapport.kernel.db.sqlite.base import DatabaseWrapper
from rapport.kernel.db.sqlite.checkpoint import LONG, keep_short, shorten

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a checkpointer"),
]
PAGE = 4096
MEGABYTE = 1024 * 1024


class Database:
    """A file with the product's own settings, and two connections to it."""

    def __init__(self, path: Path) -> None:
        self.path, self.log = path, Path(f"{path}-wal")
        given = {**connection.settings_dict, **settings.DATABASES["default"], "NAME": str(path)}
        self.writer, self.keeper = (DatabaseWrapper(given, alias) for alias in ("writer", "keeper"))
        self.run("CREATE TABLE words (content blob)")

    def run(self, sql: str) -> None:
        with self.writer.cursor() as cursor:
            cursor.execute(sql)

    def write(self, megabytes: int) -> None:
        for _ in range(megabytes):
            self.run(f"INSERT INTO words VALUES (zeroblob({MEGABYTE}))")


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "db.sqlite3")
    yield made
    made.writer.close()
    made.keeper.close()


def test_a_commit_moved_four_megabytes_of_log_while_all_writers_waited(database):
    database.write(8)
    assert database.path.stat().st_size < MEGABYTE
    assert database.log.stat().st_size > LONG * PAGE


def test_the_log_begins_anew_once_it_is_long(database):
    database.write(6)
    longest = database.log.stat().st_size
    for _ in range(5):
        shorten(database.keeper)
        database.write(6)
    assert database.log.stat().st_size < longest * 1.1
    assert database.path.stat().st_size > 30 * MEGABYTE


def test_without_a_worker_the_log_has_an_end_all_the_same(database):
    database.write(150)
    assert database.log.stat().st_size < 80 * MEGABYTE


def test_an_open_reader_holds_up_nobody_and_loses_nothing(database):
    database.write(6)
    with database.keeper.cursor() as reading:
        reading.execute("BEGIN DEFERRED")
        reading.execute("SELECT count(*) FROM words")
        other = DatabaseWrapper(database.writer.settings_dict, "other")
        shorten(other)
        other.close()
        database.write(1)
        reading.execute("SELECT count(*) FROM words")
        assert reading.fetchone() == (6,)
        reading.execute("ROLLBACK")
    shorten(database.keeper)
    with database.writer.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM words")
        assert cursor.fetchone() == (7,)


@pytest.mark.django_db(transaction=True)
def test_the_keeper_stops_when_it_is_told_to():
    stop = threading.Event()
    thread = threading.Thread(target=keep_short, args=(stop,))
    thread.start()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_an_error_that_was_not_the_databases_ended_the_keeper_for_good(monkeypatch, caplog):
    stop = threading.Event()
    thread = threading.Thread(target=keep_short, args=(stop,))
    with monkeypatch.context() as patched:
        # The driver refuses such a name with a ValueError.
        patched.setitem(connection.settings_dict, "NAME", f"{connection.settings_dict['NAME']}\0")
        thread.start()
        deadline = time.monotonic() + 20
        while thread.is_alive() and len(caplog.records) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "embedded null" in caplog.text
    assert thread.is_alive()
    stop.set()
    thread.join(10)
