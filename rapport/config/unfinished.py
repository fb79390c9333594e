"""The mark of a restore that was not finished. While it stands in a data folder nothing may work there."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rapport.config.environment import Misconfigured

MARK = "restore-unfinished"


class Busy(Exception):
    """Another restore works in the folder."""


class Mark:
    """The mark in one folder; an empty file is none yet."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        file.seek(0)
        self.database = (file.read().decode().split() or [""])[-1]
        """Which database an earlier restore had begun with; empty where none was begun."""

    def fileno(self) -> int:
        """Return what a program inherits that shall keep other restores out while it runs."""
        return self._file.fileno()

    @contextmanager
    def standing(self, database: str) -> Iterator[None]:
        """Let the mark stand while the block works, and for good where it is killed.

        What fails takes back what it did, and the mark with it; but not what an earlier restore had begun.
        """
        self._write(database)
        try:
            yield
        except Exception:
            if not self.database:
                self._path.unlink()
            raise
        # A power cut must not leave the mark away and the files unwritten.
        os.sync()
        self._path.unlink()

    def _write(self, database: str) -> None:
        self._file.write(f"{database}\n".encode())
        self._file.flush()
        os.fsync(self._file.fileno())
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def alone(data: Path) -> Iterator[Mark]:
    """Keep other restores out of the folder.

    Raises:
        Busy: another one works there, or a program that it started.

    """
    path = data / MARK
    with path.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        # Whoever came to its end meanwhile took away the file that was opened.
        if not os.fstat(file.fileno()).st_nlink:
            raise Busy
        try:
            yield Mark(path, file)
        finally:
            if not os.fstat(file.fileno()).st_size:
                path.unlink(missing_ok=True)


def words(data: Path) -> str:
    """Return why nothing may work in ``data``; empty where no mark stands there."""
    try:
        stands = (data / MARK).stat().st_size > 0
    except OSError:
        return ""
    if not stands:
        return ""
    return (
        f"The restoring of a backup into {data.resolve()} was not finished. "
        "Run rapport restore with the backup again."
    )


def refuse(data: Path) -> None:
    """Let nothing begin in a folder where a restore was not finished; called before any connection.

    Raises:
        Misconfigured: it is one.

    """
    if why := words(data):
        raise Misconfigured(why)
