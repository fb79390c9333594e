"""A backup becomes a copy that is whole and holds still, on both databases, with real servers around."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from rapport.config.tests.installation import killed_restore
from tests.servers.installation import Installation
from tests.servers.postgres import cluster
from tests.servers.process import wait_until

pytestmark = pytest.mark.servers
STILL_SECONDS = 4.0
HELD = {"outbox": ["queued"], "mails": ["done", "done"], "mailboxes looked into": 0, "ticks": 0}


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    with cluster(durable=False) as url:
        yield _owned_by_another_role(url)


def _owned_by_another_role(url: str) -> str:
    """Return the address of a database whose owner is no superuser and is called like nobody elsewhere."""
    place = urlsplit(url)
    role = f"desk{place.port}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'p@ss/word'")
        connection.execute(f"CREATE DATABASE {role} OWNER {role} TEMPLATE template0")
    return f"postgresql://{role}:p%40ss%2Fword@{place.hostname}:{place.port}/{role}"


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_copy_is_whole_and_sends_fetches_and_ticks_only_when_resumed(kind, tmp_path, smtp_sink, dovecot):
    archive = tmp_path / "copy.tar"
    with _database(kind) as url, _database(kind) as second_url:
        original = Installation(tmp_path / "original", url)
        copy = Installation(tmp_path / "copy", second_url)
        original.must("migrate")
        original.fill(smtp_sink.port, dovecot.imap_port)
        before = original.state()
        assert (before["outbox"], before["mails"], before["ticks"] > 3) == (
            ["queued"],
            ["done", "queued"],
            True,
        )
        original.must("backup", str(archive))
        copy.must("restore", str(archive))
        assert copy.state() == before | {"ticks": 0}

        with copy.running("worker", "mail"):
            wait_until(lambda: copy.state()["mails"] == HELD["mails"], "the reading of what came before")
            time.sleep(STILL_SECONDS)
            assert (copy.state(), smtp_sink.taken()) == (HELD, [])
            copy.must("resume", "--yes")
            wait_until(lambda: copy.state()["outbox"] == ["done"], "the sending")
            wait_until(lambda: copy.state()["mailboxes looked into"] == 1, "the look into the mailbox")
            wait_until(lambda: copy.state()["ticks"] > 3, "the clock")
        assert [mail.recipients for mail in smtp_sink.taken()] == [("ada@customer.example",)]
        assert original.state() == before
        _refused_where_something_is(copy, archive)


def _refused_where_something_is(copy: Installation, archive: Path) -> None:
    refused = copy.run("restore", str(archive))
    assert (refused.returncode, "already holds" in refused.stderr) == (1, True)
    # Another folder, the same database: on PostgreSQL its tables are in the way, on SQLite nothing is.
    again = Installation(copy.data.with_name("again"), copy.url).run("restore", str(archive))
    assert (again.returncode, "already holds tables" in again.stderr) == (
        (1, True) if copy.url else (0, False)
    )


def test_a_restore_that_breaks_off_leaves_nothing_that_could_send(tmp_path):
    archive = tmp_path / "copy.tar"
    with _database("postgres") as url, _database("postgres") as second_url:
        original = Installation(tmp_path / "original", url)
        original.must("migrate")
        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE jobs_hold")
        original.must("backup", str(archive))
        copy = Installation(tmp_path / "copy", second_url)
        copy.data.mkdir(exist_ok=True)
        (copy.data / "secret_key").write_text("the key that was here")
        refused = copy.run("restore", str(archive))
        assert (refused.returncode, "jobs_hold" in refused.stderr) == (1, True)
        assert (copy.data / "secret_key").read_text() == "the key that was here"
        with psycopg.connect(second_url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            assert tables.fetchall() == []
        assert sorted(path.name for path in copy.data.rglob("*")) == ["run", "secret_key"]


def _backed_up_with_a_file(data: Path, url: str, archive: Path) -> Installation:
    original = Installation(data, url)
    original.must("migrate")
    (original.data / "files" / "ab").mkdir(parents=True)
    (original.data / "files" / "ab" / "abcd").write_bytes(b"a file")
    original.must("backup", str(archive))
    return original


def test_a_database_was_restored_whose_files_could_not_be_put_in_place(tmp_path):
    archive = tmp_path / "copy.tar"
    with _database("postgres") as url, _database("postgres") as second_url:
        _backed_up_with_a_file(tmp_path / "original", url, archive)
        copy = Installation(tmp_path / "copy", second_url)
        (tmp_path / "elsewhere").mkdir()
        copy.data.mkdir(exist_ok=True)
        (copy.data / "files").symlink_to(tmp_path / "elsewhere")
        refused = copy.run("restore", str(archive))
        assert (refused.returncode, str(copy.data / "files") in refused.stderr) == (1, True)
        (copy.data / "files").unlink()
        copy.must("restore", str(archive))
        assert (copy.data / "files" / "ab" / "abcd").read_bytes() == b"a file"


@pytest.mark.parametrize(
    "moment", ["os.rename files", "subprocess.Popen psql", "os.remove restore-unfinished"]
)
def test_a_killed_restore_left_a_database_that_no_restore_took(moment, tmp_path):
    archive = tmp_path / "copy.tar"
    with _database("postgres") as url, _database("postgres") as second_url:
        original = _backed_up_with_a_file(tmp_path / "original", url, archive)
        copy = Installation(tmp_path / "copy", second_url)
        assert killed_restore(copy.data, archive, moment, RAPPORT_DATABASE_URL=second_url) == -signal.SIGKILL
        refused = copy.run("migrate")
        assert (refused.returncode, "was not finished" in refused.stderr) == (1, True)
        copy.must("restore", str(archive))
        assert (copy.data / "files" / "ab" / "abcd").read_bytes() == b"a file"
        assert copy.state() == original.state()
        with psycopg.connect(second_url) as connection:
            assert connection.execute("SELECT count(*) FROM jobs_hold").fetchall() == [(1,)]
