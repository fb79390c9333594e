"""Cron: jobs that come round. Every scheduler adds ``name@tick``; the unique key lets one of them win."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rapport.kernel import clock
from rapport.kernel.jobs import tasks
from rapport.kernel.jobs.tasks import CRON_MARK, T

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Cron:
    """A job that runs once in every ``every``, counted from the year 2000 in UTC."""

    name: str
    every: timedelta

    def tick(self, now: datetime) -> datetime:
        """Return the beginning of the period that ``now`` lies in."""
        return EPOCH + ((now - EPOCH) // self.every) * self.every


_crons: dict[str, Cron] = {}


def cron(name: str, every: timedelta) -> Callable[[T], T]:
    """Register the decorated function (without parameters) as a job that runs once in every ``every``."""

    def register(function: T) -> T:
        _crons[name] = Cron(name=name, every=every)
        return tasks.job(name)(function)

    return register


def all_crons() -> list[Cron]:
    """Return every cron row, by name."""
    return [_crons[name] for name in sorted(_crons)]


class Scheduler:
    """Remembers which ticks it added, so that a scheduler writes once per tick."""

    def __init__(self) -> None:
        self._added: dict[str, datetime] = {}

    def add_due(self) -> list[str]:
        """Enqueue what is due and was not added by this scheduler yet; return its names."""
        now = clock.now()
        added = []
        for row in all_crons():
            tick = row.tick(now)
            if self._added.get(row.name) != tick:
                if tasks.enqueue(
                    row.name, unique_key=f"{row.name}{CRON_MARK}{tick:%Y-%m-%dT%H:%M:%SZ}", run_at=tick
                ):
                    added.append(row.name)
                self._added[row.name] = tick
        return added
