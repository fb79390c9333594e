"""The secret key that Rapport makes for itself and keeps in the data folder."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from rapport.config.environment import Misconfigured

NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK}


def path(data: Path) -> Path:
    """Return where the key of this installation is kept."""
    return data / "secret_key"


def make(path: Path) -> None:
    """Write a new key to ``path``, whole or not at all, where nobody else did meanwhile.

    Raises:
        Misconfigured: the file system cannot tell who was first, as it has no hard links.

    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(handle)
        # A link never replaces: two processes that start together must agree on one key.
        with suppress(FileExistsError):
            os.link(unfinished, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        raise Misconfigured(
            f"{path.parent} lies on a file system without hard links, on which no database is safe either. "
            "Name another folder with RAPPORT_DATA, or give a key by RAPPORT_SECRET_KEY."
        ) from None
    finally:
        unfinished.unlink()
    # A key that a power cut took would take every stored password with it.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> str:
    """Return the key.

    Raises:
        Misconfigured: the file is empty.

    """
    key = path.read_text().strip()
    if not key:
        raise Misconfigured(
            f"{path} is empty. Put it back from a backup; or delete it and Rapport makes a new key, after "
            "which everybody signs in again and the passwords of mailboxes must be entered again."
        )
    return key
