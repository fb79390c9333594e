"""Writers of one SQLite file take turns, over threads and processes.

SQLite's own busy wait is unfair: under load one writer starves for seconds. Two ``flock`` files make a
turnstile: who holds ``next`` is the only one that waits for ``write``, so everybody gets a turn in the
order of arrival. The kernel frees both locks when a process dies.
"""

import fcntl
import os
import time
from pathlib import Path

FIRST_PAUSE = 0.000_05
LONGEST_PAUSE = 0.001


class TurnstileTimeout(Exception):
    """The turn did not come in time: another writer keeps the database for too long."""


class Turnstile:
    """The place of one connection at the turnstile of its database; not to be shared between threads."""

    def __init__(self, database: Path, *, timeout: float) -> None:
        self._paths = (Path(f"{database}.next"), Path(f"{database}.write"))
        self._timeout = timeout
        self._files: tuple[int, int] | None = None
        self.held = False

    def enter(self) -> None:
        """Wait for the turn.

        Raises:
            TurnstileTimeout: it did not come within the timeout given at construction, in seconds.
            OSError: its files cannot be opened or locked.

        """
        if self._files is None:
            self._files = self._open()
        following, write = self._files
        deadline = time.monotonic() + self._timeout
        fcntl.flock(following, fcntl.LOCK_EX)
        try:
            self._take(write, deadline)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)
        self.held = True

    def leave(self) -> None:
        """Let the following writer go; without effect where the turn is not held."""
        if self.held and self._files is not None:
            self.held = False
            fcntl.flock(self._files[1], fcntl.LOCK_UN)

    def close(self) -> None:
        """Give up the turn and the files."""
        self.leave()
        if self._files is not None:
            for file in self._files:
                os.close(file)
            self._files = None

    def _open(self) -> tuple[int, int]:
        following = _file(self._paths[0])
        try:
            return following, _file(self._paths[1])
        except OSError:
            os.close(following)
            raise

    def _take(self, write: int, deadline: float) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                fcntl.flock(write, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TurnstileTimeout(
                        f"another writer kept the database for {self._timeout:.0f} seconds"
                    ) from None
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return


def _file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
