"""When things happen: seasons, weekdays, hours of customers, hours of the office."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

OFFICE = ZoneInfo("Europe/Berlin")
_MONTHS = (0.85, 0.8, 1.05, 1.2, 1.3, 1.2, 1.0, 0.95, 0.95, 0.85, 1.05, 1.55)
_WEEKDAYS = (1.45, 1.2, 1.1, 1.05, 1.0, 0.65, 0.6)
_HOURS = (1, 1, 0, 0, 0, 1, 3, 6, 9, 12, 12, 11, 10, 10, 9, 8, 8, 8, 9, 11, 13, 12, 8, 3)
_OPENS, _CLOSES = time(8), time(18)


def day_weight(day: date) -> float:
    """How many contacts a day brings, 1 for an average day: season, Christmas rush, holidays, weekday."""
    weight = _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()]
    if day.month == 12:
        weight *= 1.5 if 8 <= day.day <= 23 else 0.35 if 24 <= day.day <= 26 else 1.0
    elif day.month == 1:
        weight *= 0.3 if day.day == 1 else 1.5 if day.day <= 12 else 1.0
    return weight


def winter(day: date) -> float:
    """0 far from Christmas and 1 in the rush before and just after it."""
    if day.month == 12 or (day.month == 1 and day.day <= 14):
        return 1.0
    return 0.4 if day.month in (11, 1) else 0.0


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def customer_time(rng: Random, day: date, zone: str) -> datetime:
    """A moment of the day at which somebody in that time zone writes a mail, in UTC."""
    hour = rng.choices(range(24), _HOURS)[0]
    local = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), _zone(zone))
    return local.astimezone(UTC)


def _is_open(at: datetime) -> bool:
    if (at.month, at.day) in ((12, 25), (12, 26), (1, 1), (5, 1)) or at.weekday() == 6:
        return False
    closes = time(14) if at.weekday() == 5 else _CLOSES
    return (time(9) if at.weekday() == 5 else _OPENS) <= at.time() < closes


def office_time(rng: Random, at: datetime) -> datetime:
    """``at`` when the office is open then, else a little after it opens next, in UTC."""
    local = at.astimezone(OFFICE)
    if _is_open(local):
        return at
    start = _OPENS
    day = local.date() if local.time() < _OPENS else local.date() + timedelta(days=1)
    for ahead in range(7):
        start = time(9) if (day + timedelta(days=ahead)).weekday() == 5 else _OPENS
        opening = datetime.combine(day + timedelta(days=ahead), start, OFFICE)
        if _is_open(opening):
            shift = timedelta(minutes=rng.randrange(3, 200), seconds=rng.randrange(60))
            return (opening + shift).astimezone(UTC)
    raise ValueError(f"no office day within a week of {at}")


def answer_time(rng: Random, after: datetime, *, slow: float = 1.0) -> datetime:
    """When the office answers something that came in at ``after``."""
    hours = min(rng.expovariate(1 / 4.5), 30) * slow + 0.15
    return office_time(rng, after + timedelta(seconds=round(hours * 3600)))


def comeback_time(rng: Random, after: datetime) -> datetime:
    """When a customer comes back to an answer: mostly the same or the next day, never at night."""
    at = after + timedelta(seconds=round(min(rng.expovariate(1 / 13), 120) * 3600) + rng.randrange(720, 800))
    if 0 <= at.astimezone(OFFICE).hour < 6:
        at += timedelta(hours=7)
    return at


def office_before(rng: Random, at: datetime) -> datetime:
    """The last moment of office work not after ``at``."""
    local = at.astimezone(OFFICE)
    while not _is_open(local):
        local -= timedelta(minutes=rng.randrange(15, 45))
    return local.astimezone(UTC)
