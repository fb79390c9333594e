"""What one looks for in the audit log: by whom, about what, from when to when."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from rapport.console.forms.fields import choose
from rapport.kernel.stream.append import SYSTEM, Actor
from rapport.kernel.stream.models import ActorKind
from rapport.staff.models import AuditEntry
from rapport.staff.queries.people import agents, audit_entries

COMMAND_LINE = "system"
KINDS = (
    ("", _("Everything")),
    ("staff.agent", _("People")),
    ("staff.team", _("Teams")),
    ("staff.brand", _("Brands")),
    ("inboxes.inbox", _("Inboxes")),
    ("canned_replies.cannedreply", _("Canned replies")),
    ("conversations.tag", _("Tags")),
)
IN_CALENDARS = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2999, 12, 31)))
DAY = timedelta(days=1)


class AuditFilter(forms.Form):
    """Fields that leave out nothing where they are empty; a field that is not understood says so."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    about = forms.ChoiceField(label=_("About what"), choices=KINDS, required=False)
    since = forms.DateField(label=_("Since"), required=False, validators=IN_CALENDARS)
    until = forms.DateField(label=_("Until"), required=False, validators=IN_CALENDARS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(agent.pk), agent.name) for agent in agents()]
        choose(self, "who", [("", _("Everybody")), (COMMAND_LINE, _("Command line")), *people])

    def chosen(self) -> dict[str, str]:
        """Return the fields that are filled in and understood, as an address carries them."""
        self.full_clean()
        return {name: self.data[name] for name, value in self.cleaned_data.items() if value}

    def entries(self, *, before_seq: int | None = None) -> QuerySet[AuditEntry]:
        """Return the entries that the fields ask for; both days belong to them."""
        self.full_clean()
        given = self.cleaned_data
        until = given.get("until")
        return audit_entries(
            actor=_actor(given.get("who", "")),
            subject_kind=given.get("about", ""),
            since=_begin(given.get("since")),
            until=_begin(until + DAY if until else None),
            before_seq=before_seq,
        )


def _actor(who: str) -> Actor | None:
    if who == COMMAND_LINE:
        return SYSTEM
    return Actor(ActorKind.AGENT, int(who)) if who else None


def _begin(day: date | None) -> datetime | None:
    """Return when a day begins where the reader is."""
    return make_aware(datetime.combine(day, time.min)) if day else None
