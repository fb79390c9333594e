"""Following the table of live signals in a thread of its own."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import connection, connections
from django.db.models import Q

from rapport.kernel import clock
from rapport.kernel.db.watch import watch
from rapport.kernel.live.models import LiveSignal

log = logging.getLogger(__name__)
# PostgreSQL commits ids out of order: the newest are read again, and those already seen left out.
OVERLAP = 500
LATEST_COMMIT = timedelta(seconds=30)
FALLBACK = 0.5
PAUSE = 1.0
PRESENCE = "presence:"

Row = tuple[int, str, int]


def newest_id() -> int:
    """Return the id of the newest signal, 0 where there is none."""
    return LiveSignal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def oldest_id() -> int:
    """Return the id of the oldest signal that is kept, 0 where there is none."""
    return LiveSignal.objects.order_by("pk").values_list("pk", flat=True).first() or 0


def overlap() -> int:
    """Return how many ids back a late commit is looked for; none on SQLite, whose writers take turns."""
    return OVERLAP if connection.vendor == "postgresql" else 0


def since(last: int, topics: Sequence[str], *, limit: int) -> list[Row]:
    """Return the signals of ``topics`` after the id ``last``, the newest ``limit`` of them, oldest first."""
    missed = Q(pk__gt=last)
    if overlap():
        # What another transaction committed late, below the last id; hearing of it twice does no harm.
        missed |= Q(pk__gt=last - overlap(), at__gt=clock.now() - LATEST_COMMIT)
    rows = LiveSignal.objects.filter(missed, topic__in=topics).order_by("-pk")
    return list(reversed(rows.values_list("pk", "topic", "seq")[:limit]))


class Tail:
    """Calls ``on_rows`` with new signals and ``on_note`` with what others say, from its own thread."""

    def __init__(self, on_rows: Callable[[list[Row]], object], on_note: Callable[[str], object]) -> None:
        self._on_rows = on_rows
        self._on_note = on_note
        self._stop = threading.Event()
        self._seen: set[int] = set()
        self.last = 0
        self._thread = threading.Thread(target=self._run, name="live-tail", daemon=True)

    def start(self) -> None:
        """Begin at the newest signal."""
        self.last = newest_id()
        connection.close()
        self._thread.start()

    def stop(self) -> None:
        """Stop following, and wait for the end of it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except Exception:
                if self._stop.is_set():
                    return
                log.exception("the live signals cannot be followed; trying again")
                self._stop.wait(PAUSE)
            finally:
                connections.close_all()

    def _follow(self) -> None:
        watching = watch()
        try:
            self._read()
            while not self._stop.is_set():
                for note in watching.wait(FALLBACK) or ():
                    if note.startswith(PRESENCE):
                        self._on_note(note.removeprefix(PRESENCE))
                self._read()
        finally:
            watching.close()

    def _read(self) -> None:
        floor = self.last - overlap()
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT "id", "topic", "seq" FROM "live_signal" WHERE "id" > %s ORDER BY "id"', [floor]
            )
            rows = [row for row in cursor.fetchall() if row[0] not in self._seen]
        if not rows:
            return
        self.last = max(self.last, rows[-1][0])
        if overlap():
            self._seen.update(row[0] for row in rows)
            self._seen = {number for number in self._seen if number > self.last - overlap()}
        self._on_rows(rows)
