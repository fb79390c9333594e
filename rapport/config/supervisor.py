"""Keeping child processes alive: started again with backoff, stopped together. Imports nothing heavy."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Start = Callable[[], int]

POLL = 0.1
SETTLED = 5.0
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
PATIENCE = 9.0
PATIENCE_BELOW = 7.0
"""Of a supervisor under another one: it must have killed what hangs before it is killed itself."""
CANNOT_WORK = 78
"""Exit code (EX_CONFIG) of a child that no restart would help."""
STOPPING = (signal.SIGTERM, signal.SIGINT)
FORWARDED = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


@dataclass
class _Child:
    start: Start
    pid: int = 0
    started: float = 0.0
    next_start: float = 0.0
    pause: float = FIRST_PAUSE


class Supervisor:
    """Runs one process per entry of ``starts`` (name to a function that starts it and returns its pid).

    What has not stopped ``patience`` seconds after it was asked to is killed.
    """

    def __init__(self, starts: Mapping[str, Start], *, patience: float = PATIENCE) -> None:
        self._children = {name: _Child(start) for name, start in starts.items()}
        self._patience = patience
        self._stopping = False
        self._code = 0

    def run(self) -> int:
        """Keep the children alive until SIGTERM or SIGINT, then stop them; return the exit code."""
        for number in STOPPING:
            signal.signal(number, self._stop)
        for number in FORWARDED:
            signal.signal(number, self._forward)
        while not self._stopping:
            self._start_due()
            self._reap()
            time.sleep(POLL)
        self._stop_all()
        return self._code

    def _start_due(self) -> None:
        for child in self._children.values():
            if not child.pid and time.monotonic() >= child.next_start and not self._stopping:
                child.started = time.monotonic()
                child.pid = child.start()

    def _reap(self) -> None:
        for name, child in self._children.items():
            if child.pid and (status := _ended(child.pid)) is not None:
                child.pid = 0
                self._ended(name, child, status)

    def _ended(self, name: str, child: _Child, status: int) -> None:
        if self._stopping:
            return
        if status == CANNOT_WORK:
            self._stopping, self._code = True, 1
            return
        if time.monotonic() - child.started > SETTLED:
            child.pause = FIRST_PAUSE
        child.next_start = time.monotonic() + child.pause
        how = f"was killed by signal {-status}" if status < 0 else f"ended with code {status}"
        _say(f"{name} {how}; it starts again in {child.pause:.1f} s")
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _forward(self, number: int, _frame: object) -> None:
        self._signal(signal.Signals(number))

    def _signal(self, number: signal.Signals) -> None:
        for child in self._children.values():
            if child.pid:
                try:
                    os.kill(child.pid, number)
                except ProcessLookupError:
                    continue

    def _stop_all(self) -> None:
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + self._patience
        while any(child.pid for child in self._children.values()):
            self._reap()
            if time.monotonic() > deadline:
                _say("killing what did not stop in time")
                self._signal(signal.SIGKILL)
                deadline = float("inf")
            time.sleep(POLL / 5)


def _ended(pid: int) -> int | None:
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if ended else None


def _say(text: str) -> None:
    print(f"rapport: {text}", file=sys.stderr, flush=True)  # noqa: T201  the supervisor has no logging
