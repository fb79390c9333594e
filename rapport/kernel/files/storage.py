"""Bytes in the data folder, written so that a row never points at a file that a power cut took."""

import hashlib
import os
import secrets
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from rapport.kernel import clock
from rapport.kernel.db.rows import insert
from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.names import safe_name
from rapport.kernel.files.types import HEAD_BYTES, content_type_of

CHUNK = 1024 * 1024


class Damaged(Exception):
    """The bytes on disk are not those that were stored, or are gone; the message names the file's key."""


class TooLarge(Exception):
    """The content is longer than the caller allows; nothing was kept. The argument is the limit in bytes."""


def folder() -> Path:
    """Return the folder that holds all stored files."""
    return Path(settings.DATA) / "files"


def path_of(key: str) -> Path:
    """Return where the file of ``key`` lies: ``files/ab/cd/<key>``."""
    return folder() / key[:2] / key[2:4] / key


def store(
    content: bytes | BinaryIO, *, name: str, content_type: str = "", max_bytes: int | None = None
) -> StoredFile:
    """Keep ``content`` and return its row; file and folder are on disk before the row is written.

    Args:
        content: The bytes, or a file open for reading (read from where it stands).
        name: What the sender called it; kept only in harmless form.
        content_type: What the sender says it is; a hint, see ``types.content_type_of``.
        max_bytes: Refuse longer content.

    Raises:
        TooLarge: the content is longer than ``max_bytes``.

    """
    source = BytesIO(content) if isinstance(content, bytes) else content
    key = secrets.token_hex(16)
    path = path_of(key)
    _make_folders(path.parent)
    try:
        head, digest, size = _write(path, source, max_bytes)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return insert(
        StoredFile(
            key=key,
            sha256=digest,
            size=size,
            content_type=content_type_of(head, claimed=content_type),
            name=safe_name(name),
            created_at=clock.now(),
        )
    )


def _write(path: Path, source: BinaryIO, max_bytes: int | None) -> tuple[bytes, str, int]:
    digest = hashlib.sha256()
    head, size = b"", 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if max_bytes is not None and size > max_bytes:
                raise TooLarge(max_bytes)
            head = head or chunk[:HEAD_BYTES]
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return head, digest.hexdigest(), size


def _make_folders(path: Path) -> None:
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(each.parent)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_file(stored: StoredFile) -> BinaryIO:
    """Open the file for reading. The caller closes it.

    Raises:
        Damaged: the file is missing or has another length than its row says.

    """
    try:
        file = path_of(stored.key).open("rb")
    except FileNotFoundError:
        raise Damaged(stored.key) from None
    if os.fstat(file.fileno()).st_size != stored.size:
        file.close()
        raise Damaged(stored.key)
    return file


def read(stored: StoredFile) -> bytes:
    """Return the whole content, checked against its hash.

    Raises:
        Damaged: the file is missing or its bytes have changed.

    """
    with open_file(stored) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise Damaged(stored.key)
    return content


def intact(stored: StoredFile) -> bool:
    """Tell whether the bytes on disk are the stored ones, without holding them in memory."""
    digest = hashlib.sha256()
    try:
        with open_file(stored) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except Damaged:
        return False
    return digest.hexdigest() == stored.sha256
