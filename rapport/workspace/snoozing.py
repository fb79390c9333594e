"""The times that a snooze offers, and those that somebody names."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from rapport.kernel.clock import now
from rapport.kernel.web.moments import Moments

LONGEST_SNOOZE = timedelta(days=3653)
"""A time near the last one that can be written could not be shown in every time zone."""


@dataclass(frozen=True)
class Choice:
    """A time to choose: what it is called, and when that is for the one who reads."""

    value: str
    label: str
    when: str


def named_times() -> dict[str, datetime]:
    """Return the times that have a name, in the time zone of the one who asks."""
    here = timezone.localtime(now())
    morning = here.replace(hour=8, minute=0, second=0, microsecond=0)
    return {
        "3h": timezone.localtime(now() + timedelta(hours=3)),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - here.weekday()),
        "week": morning + timedelta(days=7),
    }


def snooze_choices() -> list[Choice]:
    """Return what the menu offers, no time twice; each stands for the moment that is shown."""
    labels = {
        "3h": _("In three hours"),
        "tomorrow": _("Tomorrow morning"),
        "monday": _("Monday morning"),
        "week": _("In a week"),
    }
    moments = Moments.here()
    offered: dict[datetime, Choice] = {}
    for name, moment in named_times().items():
        choice = Choice(moment.isoformat(timespec="seconds"), labels[name], moments.coming(moment))
        offered.setdefault(moment, choice)
    return list(offered.values())


def moment_of(text: str) -> datetime:
    """Return the time that a form names; raises ``ValueError`` where it is none, or too far away."""
    named = named_times()
    if text in named:
        return named[text]
    given = parse_datetime(text)
    if given is None:
        raise ValueError("not a time")
    moment = given if given.tzinfo else timezone.make_aware(given)
    if moment > now() + LONGEST_SNOOZE:
        raise ValueError("too far away")
    return moment
