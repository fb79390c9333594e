"""The command line as people run it, each time in a process of its own, on a data folder of the test's."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

RAPPORT = [sys.executable, "-c", "import sys; from rapport.config.cli import main; sys.exit(main())"]

INTERRUPTED = """
import os, sys

event, name, number = sys.argv.pop(1), sys.argv.pop(1), int(sys.argv.pop(1))

def interrupt(happening, arguments):
    if happening == event and any(("/" + str(each)).endswith("/" + name) for each in arguments):
        os.kill(os.getpid(), number)

sys.addaudithook(interrupt)
"""
"""Sends its own process a signal when it is about to do something; audit hooks are told what Python does."""


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


def copy_of(installed, tmp_path):
    """A copy of the installation by backup and restore, so that tests may change it."""
    archive = tmp_path / "copy.tar"
    assert rapport(installed, "backup", str(archive)).returncode == 0
    restored = rapport(tmp_path / "copy", "restore", str(archive))
    assert restored.returncode == 0, restored.stderr
    return tmp_path / "copy"


def killed_restore(data, archive, moment, **more):
    """Restore in a process that is killed at a moment, like ``os.rename files``; return its exit code."""
    return _interrupted_restore(data, archive, moment, signal.SIGKILL, **more).wait(timeout=120)


@contextmanager
def stopped_restore(data, archive, moment, **more):
    """Restore in a process that stands still from a moment on, and goes on to its end after the block."""
    process = _interrupted_restore(data, archive, moment, signal.SIGSTOP, **more)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
        assert process.wait(timeout=120) == 0


def _interrupted_restore(data, archive, moment, number, **more):
    command = [sys.executable, "-c", INTERRUPTED + RAPPORT[-1], *moment.split(), str(int(number))]
    return subprocess.Popen([*command, "restore", str(archive)], env=environment(data, **more))
