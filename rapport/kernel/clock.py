"""The one clock. Tests and the demo set it back; nothing else asks the system for the time of day."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_stopped_at: datetime | None = None


def now() -> datetime:
    """Return the present moment, aware, in UTC; inside ``travel`` the moment travelled to."""
    return _stopped_at if _stopped_at is not None else datetime.now(UTC)


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Stop the clock of the whole process at ``to`` (aware) while the block runs; may be nested.

    Raises:
        ValueError: ``to`` has no time zone.

    """
    global _stopped_at
    if to.tzinfo is None:
        raise ValueError("the clock travels to aware times only")
    before = _stopped_at
    _stopped_at = to.astimezone(UTC)
    try:
        yield
    finally:
        _stopped_at = before


def sleep(seconds: float) -> None:
    """Wait for ``seconds`` of real time."""
    time.sleep(seconds)
