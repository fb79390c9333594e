"""Which worker processes of this machine are alive: each keeps a lock on a file until it dies.

Rows leased to a dead one go back at once instead of when their lease ends. Workers on other machines are
covered by the lease alone.
"""

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def announced(folder: Path) -> Iterator[str]:
    """Announce this process in ``folder`` while the block runs; yield its name, unique for ever."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
    path = folder / f"{name}.worker"
    unlocked = folder / f"{name}.new"
    file = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Renamed only when locked: nobody may find it unlocked and take this process for dead.
        fcntl.flock(file, fcntl.LOCK_EX)
        unlocked.rename(path)
        yield name
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def dead(folder: Path) -> Iterator[str]:
    """Yield the names of processes that died without a farewell.

    The name stays announced until the caller comes back for the following one, so that a crash in between
    loses nothing.
    """
    for path in folder.glob("*.worker"):
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            yield path.stem
            path.unlink(missing_ok=True)
        finally:
            os.close(file)
