"""Moments as the reader's language, time zone and clock say them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext
from markupsafe import Markup

from rapport.kernel import clock

HOUR = timedelta(hours=1)
RECENT = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Moments:
    """Who reads, where and when; made once for a page that shows many moments."""

    language: str
    zone: tzinfo
    now: datetime

    @classmethod
    def here(cls) -> "Moments":
        """Return those of the request that is being answered."""
        return cls(get_language() or "", timezone.get_current_timezone(), clock.now())

    def short(self, moment: datetime) -> str:
        """Return ``moment`` as short as a list needs it: ``5 min``, ``15:20``, ``Tue``, ``12 Nov``."""
        return self._short(moment, self.now)

    def _short(self, moment: datetime, now: datetime) -> str:
        passed = now - moment
        if timedelta(0) <= passed < HOUR:
            return _minutes(self.language, int(passed.total_seconds()) // 60)
        local, today = moment.astimezone(self.zone), now.astimezone(self.zone).date()
        day = local.date()
        if day == today:
            return _time_of_day(self.language, local.hour, local.minute)
        return _day(self.language, day, timedelta(0) <= passed < RECENT, day.year == today.year)

    def timed(self, moment: datetime) -> str:
        """Return ``moment`` to the minute: ``5 min``, ``15:20``, ``Tue 15:20``, ``12 Nov 15:20``."""
        return self._timed(moment, self.now)

    def _timed(self, moment: datetime, now: datetime) -> str:
        local, said = moment.astimezone(self.zone), self._short(moment, now)
        if now - moment < HOUR or local.date() == now.astimezone(self.zone).date():
            return said
        return f"{said} {_time_of_day(self.language, local.hour, local.minute)}"

    def coming(self, moment: datetime) -> str:
        """Return when a moment ahead is: ``15:20`` where it is today, ``Tue 18 Nov, 08:00`` after that."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        time = _time_of_day(self.language, local.hour, local.minute)
        return time if local.date() == today else f"{_weekday(self.language, local.date())}, {time}"

    def full(self, moment: datetime) -> str:
        """Return ``moment`` in words: ``Friday 14 November 2025, 15:20``."""
        local = moment.astimezone(self.zone)
        return _full(self.language, local.replace(second=0, microsecond=0, tzinfo=None))

    def tag(self, moment: datetime, css_class: str = "", *, timed: bool = False) -> Markup:
        """Return the short ``<time>`` element of a list; while it is fresh the browser keeps it so."""
        named = f' class="{css_class}"' if css_class else ""
        say = self._timed if timed else self._short
        relative = self._relative(moment, say)
        stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}" if relative else f"{moment:%Y-%m-%d}"
        # Digits, our own class names and texts of the catalogue.
        return Markup(f'<time{named} datetime="{stamp}"{relative}>{say(moment, self.now)}</time>')  # noqa: S704

    def titled(self, moment: datetime, *, full: bool = False, timed: bool = False) -> Markup:
        """Return a ``<time>`` element with the moment in words as its title, or as its text."""
        words = self.full(moment)
        stamp = f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}" title="{words}"'
        if full:
            return Markup(f"{stamp}>{words}</time>")  # noqa: S704  as above
        say = self._timed if timed else self._short
        relative = self._relative(moment, say)
        return Markup(f"{stamp}{relative}>{say(moment, self.now)}</time>")  # noqa: S704  as above

    def _relative(self, moment: datetime, say: Callable[[datetime, datetime], str]) -> str:
        """Return the mark of a time that the browser keeps fresh: it says how an hour later it is written."""
        if self.now - moment >= HOUR:
            return ""
        return f' data-then="{say(moment, moment + HOUR)}"'


@lru_cache(maxsize=256)
def _minutes(_language: str, minutes: int) -> str:
    if not minutes:
        return gettext("now")
    return gettext("%(count)s min") % {"count": minutes}


@lru_cache(maxsize=4096)
def _time_of_day(_language: str, hour: int, minute: int) -> str:
    moment = datetime(2000, 1, 1, hour, minute)  # noqa: DTZ001  a time of day alone
    return date_format(moment, pgettext("time of day, Django date format", "H:i"))


@lru_cache(maxsize=4096)
def _day(_language: str, day: date, recent: bool, this_year: bool) -> str:
    if recent:
        return date_format(day, "D")
    if this_year:
        return date_format(day, pgettext("day and month, Django date format", "j M"))
    return date_format(day, pgettext("day, month and year, Django date format", "j M Y"))


@lru_cache(maxsize=256)
def _weekday(_language: str, day: date) -> str:
    return date_format(day, pgettext("weekday, day and month, Django date format", "D j M"))


@lru_cache(maxsize=4096)
def _full(_language: str, moment: datetime) -> str:
    return date_format(moment, pgettext("full moment, Django date format", r"l j F Y, H:i"))
