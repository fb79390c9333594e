# ruff: noqa: E501, T201
"""The command line and the process tree, run as people run them."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import time
import urllib.request
from pathlib import Path

import pytest

from tests.servers.postgres import cluster
from tests.servers.process import Missing

RAPPORT = [sys.executable, "-c", "import sys; from rapport.config.cli import main; sys.exit(main())"]


def environment(data, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAPPORT_", "DJANGO_"))}
    return kept | {"RAPPORT_DATA": str(data)} | more


def rapport(data, *arguments, given="", **more):
    return subprocess.run(
        [*RAPPORT, *arguments],
        env=environment(data, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An installation with one person on its staff."""
    data = tmp_path_factory.mktemp("installed")
    assert rapport(data, "migrate").returncode == 0
    made = rapport(
        data, "user", "create", "lena@shop.example", "--name", "Lena Ortiz", "--role", "administrator",
        "--password-stdin", given="a long and odd pass phrase 7\n",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return data


def copy_of(installed, tmp_path):
    """A copy of the installation by backup and restore, so that tests may change it."""
    archive = tmp_path / "copy.tar"
    assert rapport(installed, "backup", str(archive)).returncode == 0
    restored = rapport(tmp_path / "copy", "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    return tmp_path / "copy"


def test_help_names_every_command_and_nonsense_is_refused(tmp_path):
    shown = rapport(tmp_path, "--help")
    assert shown.returncode == 0
    for command in ("serve", "worker", "receive", "explain-mail", "restore"):
        assert command in shown.stdout
    assert rapport(tmp_path, "dance").returncode == 2


@pytest.mark.parametrize("arguments", [["--help"], ["catalogue"], ["serve", "--help"]])
def test_a_reader_may_stop_reading(tmp_path, arguments):
    # The child makes the pipe: a process forked by another thread of ours at that moment would be a reader too.
    nobody_reads = (
        "import os; reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1); " + RAPPORT[-1]
    )
    left = subprocess.run(
        [sys.executable, "-c", nobody_reads, *arguments],
        env=environment(tmp_path, PYTHONUNBUFFERED=""),
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (left.stderr, left.returncode) == (b"", 141)


def test_check_explains_everything_that_is_wrong(tmp_path):
    wrong = rapport(
        tmp_path, "check", RAPPORT_URL="http://desk.shop.example/x", RAPPORT_SECRET_KEY="short", RAPPORT_DEBUG="1",
        RAPPORT_SMTP_URL="ftp://x", RAPPORT_PORT="70000", RAPPORT_WEB_THREADS="0", RAPPORT_WEB_PROCESSES="2",
    )  # fmt: skip
    assert wrong.returncode == 1
    for name in ("URL", "SECRET_KEY", "DEBUG", "SMTP_URL", "PORT", "WEB_THREADS", "WEB_PROCESSES"):
        assert f"RAPPORT_{name}" in wrong.stdout
    demo = rapport(tmp_path, "demo", RAPPORT_URL="https://desk.shop.example")
    assert (demo.returncode, "demo" in demo.stderr) == (1, True)


def test_check_names_values_of_the_wrong_kind_beside_all_others(tmp_path):
    wrong = rapport(
        tmp_path, "check", RAPPORT_PORT="eight", RAPPORT_WEB_THREADS="many", RAPPORT_DEBUG="perhaps",
        RAPPORT_DATABASE_URL="mysql://x", RAPPORT_TRUSTED_PROXIES="10.0.0.1/8 proxy", RAPPORT_SMTP_URL="ftp://x",
        RAPPORT_DEMO="1", RAPPORT_URL="https://desk.shop.example",
    )  # fmt: skip
    names = ("PORT", "WEB_THREADS", "DEBUG", "DATABASE_URL", "TRUSTED_PROXIES", "SMTP_URL", "DEMO")
    assert [name for name in names if f"wrong  RAPPORT_{name}" not in wrong.stdout] == []
    assert "7 to put right" in wrong.stdout
    assert (wrong.returncode, wrong.stderr) == (1, "")


def test_serve_names_all_values_of_the_wrong_kind(tmp_path):
    wrong = rapport(tmp_path, "serve", RAPPORT_PORT="eight", RAPPORT_DEBUG="perhaps")
    assert wrong.returncode != 0
    assert "RAPPORT_PORT" in wrong.stderr
    assert "RAPPORT_DEBUG" in wrong.stderr


@pytest.mark.parametrize(
    ("proxies", "code", "words"),
    [
        ("", 0, "TRUSTED_PROXIES is not set"),
        ("127.0.0.1, 10.0.0.0/8 ::1", 0, ""),
        ("0.0.0.0/0", 1, "trusts every"),
    ],
)
def test_check_says_whether_visitors_can_be_told_apart(installed, proxies, code, words):
    shown = rapport(
        installed, "check", RAPPORT_URL="https://desk.shop.example", RAPPORT_TRUSTED_PROXIES=proxies
    )
    assert (shown.returncode, "PROXIES" in shown.stdout, words in shown.stdout) == (code, bool(words), True)


def test_check_finds_a_missing_database_and_is_content_with_a_good_one(tmp_path, installed):
    missing = rapport(tmp_path, "check")
    assert (missing.returncode, "rapport migrate" in missing.stdout) == (1, True)
    good = rapport(installed, "check")
    assert (good.returncode, "in order" in good.stdout) == (0, True)


def test_members_of_staff_from_the_command_line(installed, tmp_path):
    data = copy_of(installed, tmp_path)
    invited = rapport(data, "user", "create", "ben@shop.example", "--name", "Ben", "--role", "specialist")
    assert "/invitation/" in invited.stdout, invited.stderr
    assert rapport(data, "user", "create", "x@shop.example", "--name", "X", "--role", "queen").returncode == 1
    weak = rapport(
        data, "user", "create", "y@shop.example", "--name", "Y", "--password-stdin", given="1234\n"
    )
    assert weak.returncode == 1
    assert rapport(data, "user", "disable", "ben@shop.example").returncode == 0
    assert rapport(data, "user", "disable", "lena@shop.example").returncode == 1
    assert rapport(data, "user", "disable", "nobody@shop.example").returncode == 1
    shown = rapport(data, "user", "list").stdout
    assert re.search(r"ben@shop.example .*disabled", shown)
    assert "y@shop.example" not in shown


def test_a_restored_copy_is_whole_and_holds_still_until_resumed(installed, tmp_path):
    files = installed / "files" / "ab"
    files.mkdir(parents=True, exist_ok=True)
    (files / "abcd").write_bytes(b"a file")
    data = copy_of(installed, tmp_path)
    assert (data / "files" / "ab" / "abcd").read_bytes() == b"a file"
    assert (data / "secret_key").read_text() == (installed / "secret_key").read_text()
    assert (tmp_path / "copy.tar").stat().st_mode & 0o077 == 0
    assert "lena@shop.example" in rapport(data, "user", "list").stdout

    def holds():
        connection = sqlite3.connect(data / "rapport.sqlite3")
        try:
            return connection.execute("SELECT count(*) FROM jobs_hold").fetchone()[0]
        finally:
            connection.close()

    assert holds() == 1
    assert (rapport(data, "resume").returncode, holds()) == (1, 1)
    assert (rapport(data, "resume", "--yes").returncode, holds()) == (0, 0)
    again = rapport(data, "restore", str(tmp_path / "copy.tar"))
    assert (again.returncode, "already" in again.stderr) == (1, True)


def test_a_backup_leaves_an_existing_file_alone_unless_forced(installed, tmp_path):
    kept = tmp_path / "kept.tar"
    kept.write_bytes(b"the backup of yesterday")
    refused = rapport(installed, "backup", str(kept))
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert kept.read_bytes() == b"the backup of yesterday"
    assert rapport(installed, "backup", "--force", str(kept)).returncode == 0
    assert tarfile.is_tarfile(kept)


@pytest.mark.parametrize("content", [b"", b"no tar", b"\0" * 20_000])
def test_what_is_no_backup_is_refused(tmp_path, content):
    (tmp_path / "odd.tar").write_bytes(content)
    refused = rapport(tmp_path / "new", "restore", str(tmp_path / "odd.tar"))
    assert (refused.returncode, refused.stderr.startswith("rapport restore:")) == (1, True)
    assert not (tmp_path / "new" / "rapport.sqlite3").exists()


def test_reactions_and_catalogue_list_the_registries(installed):
    shown = rapport(installed, "catalogue")
    assert shown.returncode == 0, shown.stderr
    for word in ("message.received", "system_mail", "conversation:<id>", "/live", "/healthz"):
        assert word in shown.stdout
    assert rapport(installed, "reactions").returncode == 0
    assert rapport(installed, "reactions", "--replay", "no.such").returncode == 1


class Served:
    """``rapport serve`` on a free port."""

    def __init__(self, data, **more):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*RAPPORT, "serve"],
            env=environment(data, RAPPORT_PORT=str(self.port), **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self):
        self.ready = self.process.stdout.readline()
        return self

    def __exit__(self, *_error):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)

    def get(self, path):
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read()

    def children(self):
        """Return the pids of the web processes, worker and mail, in the order of their start."""
        (nursery,) = _children(self.process.pid)
        return sorted(_children(nursery))


def _children(pid):
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in found.split()]


def _until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


@pytest.mark.servers
def test_web_processes_share_the_port_and_one_answers_while_the_other_starts_again(tmp_path):
    try:
        with (
            cluster(durable=False) as url,
            Served(tmp_path, RAPPORT_DATABASE_URL=url, RAPPORT_WEB_PROCESSES="2") as served,
        ):
            _until(lambda: len(served.children()) == 4)
            assert served.get("/healthz")[0] == 200
            first, second, *_others = served.children()
            for web in (first, second):
                os.kill(web, signal.SIGSTOP)
                assert served.get("/healthz")[0] == 200
                os.kill(web, signal.SIGCONT)
            os.kill(first, signal.SIGKILL)
            assert served.get("/healthz")[0] == 200
            _until(lambda: len(served.children()) == 4 and first not in served.children())
    except Missing as missing:
        pytest.skip(str(missing))


def test_serve_answers_survives_kills_and_stops_with_open_streams(installed):
    with Served(installed) as served:
        assert served.ready == f"ready http://localhost:{served.port}\n"
        assert served.get("/healthz") == (200, b"ok\n")
        assert served.get("/readyz") == (200, b"ok\n")
        assert served.get("/accounts/login/")[0] == 200
        print(f"first page {time.monotonic() - served.began:.2f} s after the start")
        _until(lambda: len(served.children()) == 3)
        before = served.children()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        # The nursery keeps the port open, so this waits for the new web process instead of being refused.
        assert served.get("/healthz")[0] == 200
        _until(lambda: len(served.children()) == 3)
        assert not set(before) & set(served.children())

        family = [served.process.pid, *_children(served.process.pid), *served.children()]
        slow = socket.create_connection(("127.0.0.1", served.port))
        slow.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
        stopped = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(15) == 0
        print(f"stopped in {time.monotonic() - stopped:.2f} s")
        slow.close()
        assert not any(Path(f"/proc/{pid}").exists() for pid in family)


def test_it_serves_on_where_nobody_reads_its_output(installed):
    served = Served(installed)
    served.process.stdout.close()
    try:
        _until(lambda: _answers(served), seconds=30)
        assert len(served.children()) == 3
    finally:
        served.process.terminate()
        assert served.process.wait(20) == 0


def _answers(served):
    try:
        return served.get("/readyz")[0] == 200
    except OSError:
        return False


def test_nobody_survives_a_killed_parent(installed):
    with Served(installed) as served:
        _until(lambda: len(served.children()) == 3)
        family = [*_children(served.process.pid), *served.children()]
        served.process.kill()
        _until(lambda: not any(_alive(pid) for pid in family), 15)


def _alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_taken_port_is_explained_and_not_tried_for_ever(installed):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = rapport(installed, "serve", RAPPORT_PORT=str(taken.getsockname()[1]))
    assert (refused.returncode, "RAPPORT_PORT" in refused.stderr) == (1, True)


def test_with_nobody_on_the_staff_serve_prints_the_way_in(tmp_path):
    with Served(tmp_path) as served:
        assert served.ready.startswith("ready")
        link = re.search(r"http://\S+/set-up/\S+", served.process.stdout.readline())[0]
        assert urllib.request.urlopen(link, timeout=10).status == 200
