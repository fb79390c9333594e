"""Telling screens that a topic moved."""

from collections.abc import Iterable
from functools import cache

from django.db import connection

from rapport.kernel import clock
from rapport.kernel.db.wake import wake
from rapport.kernel.db.writing import write

CHANNEL = "live"


def signal(topic: str, seq: int = 0) -> None:
    """Announce inside the present transaction that ``topic`` (``conversation:17``) now stands at ``seq``."""
    signal_all([(topic, seq)])


def signal_all(moves: Iterable[tuple[str, int]]) -> None:
    """Announce several (topic, seq) by one statement; after the commit the hubs push them."""
    at = connection.ops.adapt_datetimefield_value(clock.now())
    rows = [(topic, seq, at) for topic, seq in moves]
    if not rows:
        return
    write(_statement(len(rows)), [value for row in rows for value in row])
    wake(CHANNEL)


@cache
def _statement(rows: int) -> str:
    values = ", ".join(["(%s, %s, %s)"] * rows)
    return f'INSERT INTO "live_signal" ("topic", "seq", "at") VALUES {values}'  # noqa: S608  no value in it
