# ruff: noqa: T201
"""``rapport serve`` and its tree of processes, run, killed and stopped as people do it."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from rapport.config.tests.installation import RAPPORT, copy_of, environment, rapport
from tests.servers.postgres import cluster
from tests.servers.process import Missing, free_port


class Served:
    """``rapport serve`` on a free port."""

    def __init__(self, data, **more):
        self.port = free_port()
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


def test_serve_said_nothing_of_a_copy_that_holds(installed, tmp_path):
    with Served(copy_of(installed, tmp_path)) as served:
        assert served.ready.startswith("ready")
        assert "rapport resume" in served.process.stdout.readline()


def test_a_process_that_hangs_outlived_its_installation(installed):
    with Served(installed) as served:
        _until(lambda: len(served.children()) == 3)
        children = served.children()
        os.kill(children[-1], signal.SIGSTOP)
        try:
            served.process.send_signal(signal.SIGTERM)
            assert served.process.wait(15) == 0
            _until(lambda: not any(_alive(pid) for pid in children), seconds=2)
        finally:
            if _alive(children[-1]):
                os.kill(children[-1], signal.SIGKILL)


def test_a_taken_port_is_explained_and_not_tried_for_ever(installed):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = rapport(installed, "serve", RAPPORT_PORT=str(taken.getsockname()[1]))
    assert (refused.returncode, "RAPPORT_PORT" in refused.stderr) == (1, True)


def test_with_nobody_on_the_staff_serve_prints_the_way_in(tmp_path):
    with Served(tmp_path) as served:
        assert served.ready.startswith("ready")
        link = re.search(r"http://\S+/set-up/\S+", served.process.stdout.readline())[0]
        assert urllib.request.urlopen(link, timeout=10).status == 200
