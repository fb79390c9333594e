"""The image from which web, worker and mail are forked: Django is imported once and its memory shared.

Runs under the supervisor of ``rapport serve`` as ``python -m rapport.config.nursery`` and is itself the
supervisor of the forked processes. It opens the port, so that nobody is turned away while web starts again.
"""

import ctypes
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from importlib import import_module

from rapport.config.environment import Environment, Misconfigured, read
from rapport.config.output import Patient
from rapport.config.supervisor import CANNOT_WORK, FORWARDED, PATIENCE_BELOW, STOPPING, Supervisor

PR_SET_PDEATHSIG = 1
NEEDED_LATER = (
    "django.contrib.messages.storage.fallback",
    "django.contrib.sessions.serializers",
    "django.db.models.sql.compiler",
    "puremagic",
    "rapport.staff.backend",
)
"""What is imported at its first use; here, each process would hold its own."""
QUICK_SECONDS = 2.0
"""Visitors wait for a preparation of this length; for a longer one they are told."""


def main() -> int:
    """Prepare the database, then keep web, worker and mail alive; return the exit code."""
    environment = read()
    sys.stdout = Patient()
    _die_with(os.getppid())
    listening = _listen(environment)
    if listening is None:
        return CANNOT_WORK
    try:
        _load()
    except Misconfigured as error:
        print(f"rapport: {error}", file=sys.stderr)  # noqa: T201  nothing is set up yet
        return CANNOT_WORK
    from rapport.config import roles

    if code := _prepare(environment, listening):
        return code
    webs = ["web"] + [f"web {number}" for number in range(2, environment.web_processes + 1)]
    return Supervisor(
        dict.fromkeys(webs, lambda: _fork(lambda: roles.web(environment, [listening])))
        | {
            "worker": lambda: _fork(roles.worker),
            "mail": lambda: _fork(roles.mail),
        },
        patience=PATIENCE_BELOW,
    ).run()


def _prepare(environment: Environment, listening: socket.socket) -> int:
    from rapport.config import roles, waiting

    preparing = _fork(lambda: roles.prepare(environment))
    _warm()
    if (code := _ended(preparing, within=QUICK_SECONDS)) is not None:
        return code
    answering = _fork(lambda: waiting.serve(listening))
    code = _wait(preparing)
    os.kill(answering, signal.SIGKILL)
    _wait(answering)
    return code


def _listen(environment: Environment) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in environment.bind else socket.AF_INET
    try:
        return socket.create_server((environment.bind, environment.port), family=family, backlog=2048)
    except OSError as error:
        print(  # noqa: T201  nothing is set up yet
            f"rapport: port {environment.port} on {environment.bind} cannot be opened ({error.strerror}). "
            "Stop what uses it, or set RAPPORT_PORT to another.",
            file=sys.stderr,
        )
        return None


def _load() -> None:
    """Import what the children need. Until they are forked no thread may be started, no connection opened."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    import django

    django.setup()
    from django.urls import get_resolver

    from rapport.config import asgi

    _ = asgi, get_resolver().url_patterns
    for name in NEEDED_LATER:
        import_module(name)


def _warm() -> None:
    """Compile the templates that the children need, and let the collector leave shared memory alone."""
    from rapport.kernel.web import render

    render.warm("ui/", "workspace/")
    gc.collect()
    gc.freeze()


def _fork(role: Callable[[], int]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for number in (*STOPPING, *FORWARDED):
            signal.signal(number, signal.SIG_DFL)
        _die_with(parent)
        code = role()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """Let the kernel stop this process when its parent dies, however it dies."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _ended(pid: int, *, within: float) -> int | None:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return None


def _wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
