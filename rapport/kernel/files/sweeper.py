"""Removal of files that nobody refers to: an abandoned upload, an erased message, a write cut off by a
crash."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction

from rapport.kernel import clock
from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.references import referenced
from rapport.kernel.files.storage import folder, path_of

GRACE = timedelta(hours=1)
BATCH = 500


def sweep() -> int:
    """Remove rows that no holder needs and files that no row names, both older than an hour; return how
    many."""
    before = clock.now() - GRACE
    return _sweep_rows(before) + _sweep_folder(before)


def _sweep_rows(before: datetime) -> int:
    removed, last = 0, 0
    while True:
        rows = list(StoredFile.objects.filter(pk__gt=last, created_at__lt=before).order_by("pk")[:BATCH])
        if not rows:
            return removed
        needed = referenced([row.pk for row in rows])
        removed += sum(_remove(row) for row in rows if row.pk not in needed)
        last = rows[-1].pk


def _remove(row: StoredFile) -> bool:
    # A raw delete leaves the decision to the database's foreign keys: somebody who took hold of the file a
    # moment ago, or forgot to register, keeps it. Django's own delete would take the holder's row along.
    try:
        with transaction.atomic():
            queryset = StoredFile.objects.filter(pk=row.pk)
            queryset._raw_delete(queryset.db)
    except IntegrityError:
        return False
    path_of(row.key).unlink(missing_ok=True)
    return True


def _sweep_folder(before: datetime) -> int:
    removed = 0
    for group in _groups(folder()):
        old = {path.name: path for path in group if _written_before(path, before)}
        names = list(old)
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            known = set(StoredFile.objects.filter(key__in=batch).values_list("key", flat=True))
            for name in set(batch) - known:
                old[name].unlink(missing_ok=True)
                removed += 1
    return removed


def _groups(root: Path) -> Iterator[list[Path]]:
    if root.is_dir():
        for first in sorted(root.iterdir()):
            yield [path for second in first.iterdir() for path in second.iterdir()]


def _written_before(path: Path, before: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    except FileNotFoundError:
        return False
