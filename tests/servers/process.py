"""Starting and stopping a server program that a test owns."""

import grp
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

START_SECONDS = 30.0


class Missing(Exception):
    """A server program is not installed; the message names it and the package that has it."""


def program(name: str, package: str) -> str:
    """Return the path of a server program.

    Raises:
        Missing: it is not installed.

    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} is not installed (package {package})")
    return found


_given: set[int] = set()


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on, and each one only once.

    Below those that the kernel hands out by itself, so that no connection of another test takes it meanwhile.
    """
    while True:
        # Not the seeded generator: processes of one run would draw the same numbers.
        port = secrets.choice(range(15_000, 32_768))
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def listening(port: int) -> bool:
    """Tell whether somebody accepts connections on a loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def wait_until(holds: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Wait until ``holds()``; raise TimeoutError with ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.02)


def unprivileged(*names: str) -> str:
    """Return the first of the accounts ``names`` that exists where we are root, else the present one."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    for name in (*names, "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Missing("no unprivileged account to run servers as")


def as_user(name: str) -> dict[str, Any]:
    """Return the arguments of `subprocess` that run a program as ``name``; none where we are that already."""
    if os.geteuid() != 0 or name == "root":
        return {}
    entry = pwd.getpwnam(name)
    groups = [group.gr_gid for group in grp.getgrall() if name in group.gr_mem]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}


@contextmanager
def folder(owner: str, prefix: str) -> Iterator[Path]:
    """Yield a temporary folder that ``owner`` may use; its path is short enough for sockets."""
    path = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def stop(process: "subprocess.Popen[bytes]", *, by: int = signal.SIGTERM, seconds: float = 10.0) -> None:
    """End a process politely with the signal ``by``, then firmly."""
    if process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(
    command: Sequence[str],
    *,
    log: Path,
    ready: Callable[[], bool],
    user: str = "root",
    stopped_by: int = signal.SIGTERM,
    cwd: Path | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server in the foreground until the block ends.

    Raises:
        RuntimeError: it ended before it was ready; the message holds its log.

    """
    with log.open("ab") as output:
        # A session of its own, so that an interrupt of the terminal reaches the test first.
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=cwd or log.parent,
            **as_user(user),
        )
    try:
        wait_until(lambda: process.poll() is not None or ready(), command[0])
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended at once:\n{log.read_text(errors='replace')[-4000:]}")
        yield process
    finally:
        stop(process, by=stopped_by)
        # Children that outlive it would go on taking connections for a server that is gone.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
