"""Many stored files as one zip, made while it is sent: only a piece of a file is ever in memory."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from django.http import StreamingHttpResponse

from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.names import disposition, safe_name
from rapport.kernel.files.storage import CHUNK, Damaged, open_file

Remark = Callable[[list[str]], tuple[str, str]]
"""Makes name and words of a last text file out of the names of damaged files; without words there is none."""


class _Outlet:
    """What the archive is written to: it cannot seek, and gives away what it was given."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Keep nothing back."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def serve_packed(
    name: str, files: Iterable[tuple[str, StoredFile]], *, remark: Remark
) -> StreamingHttpResponse:
    """Return the files under their paths (``folder/name``) as a download called ``name``.

    The caller has checked that the asker may have them, and has loaded the rows. Whatever the paths are,
    they lead nowhere outside the folder that a person unpacks into, and no two are the same.
    """
    response = StreamingHttpResponse(packed(files, remark=remark), content_type="application/zip")
    response.headers["Content-Disposition"] = disposition(name, inline=False)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def packed(files: Iterable[tuple[str, StoredFile]], *, remark: Remark) -> Iterator[bytes]:
    """Yield the pieces of a zip that holds the files.

    The remark names the damaged ones. One that is missing or cut off is left out; one whose bytes have
    changed is in there all the same, as that is known only when they are sent.
    """
    outlet, damaged, taken = _Outlet(), [], set[str]()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for path, stored in files:
            inside = _free(path, taken)
            try:
                yield from _added(archive, outlet, inside, stored)
            except Damaged:
                damaged.append(inside)
        name, words = remark(damaged)
        if words:
            archive.writestr(_free(name, taken), words)
    yield outlet.take()


def _added(archive: zipfile.ZipFile, outlet: _Outlet, path: str, stored: StoredFile) -> Iterator[bytes]:
    entry = zipfile.ZipInfo(path, _moment(stored.created_at))
    digest = hashlib.sha256()
    with open_file(stored) as file, archive.open(entry, "w", force_zip64=stored.size >= 1 << 31) as inside:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            inside.write(chunk)
            yield outlet.take()
    if digest.hexdigest() != stored.sha256:
        raise Damaged(stored.key)


def _moment(at: datetime) -> tuple[int, int, int, int, int, int]:
    # A zip knows no year before 1980.
    there = at.astimezone(UTC)
    return (max(1980, there.year), there.month, there.day, there.hour, there.minute, there.second)


def _free(path: str, taken: set[str]) -> str:
    """Return ``path`` in harmless words, with a number where the name is taken in any case of its letters."""
    *folders, last = path.split("/")
    name = safe_name(last)
    start = "".join(f"{safe_name(folder)}/" for folder in folders)
    found, number = f"{start}{name}", 1
    while found.casefold() in taken:
        number += 1
        found = f"{start}{number}-{name}"
    taken.add(found.casefold())
    return found
