"""Mails that could not be taken in and wait for a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel.sentences import say
from rapport.kernel.stream.models import Origin


class Waiting(Protocol):
    """Mails of one inbox that wait, in words."""

    @property
    def words(self) -> str:
        """Say it in the present language."""
        ...


class Untaken(NamedTuple):
    """How many mails of one inbox wait, and when the last of them was tried."""

    many: int
    last_tried_at: datetime

    @property
    def words(self) -> str:
        """Say it in the present language."""
        words = ngettext(
            "%(count)s mail could not be taken in. It is kept and waits in the trays.",
            "%(count)s mails could not be taken in. They are kept and wait in the trays.",
            self.many,
        )
        return words % {"count": self.many}


def untaken() -> dict[int, Untaken]:
    """Return what waits for each inbox that has any, by its id; what came with its history does not count."""
    waiting = RawInbound.objects.filter(outcome__in=[Outcome.REFUSED, Outcome.POISON], origin=Origin.LIVE)
    counted = waiting.order_by().values("inbox").annotate(many=Count("pk"), last=Max("run_at"))
    return {line["inbox"]: Untaken(line["many"], line["last"]) for line in counted}


def state_words(inbox: Inbox, *waiting: Mapping[int, Waiting]) -> str:
    """Return what is wrong with an inbox in words, or that it is silent."""
    silence = _("Unusually long without mail. Is it still delivered here?") if inbox.silent_since else ""
    return trouble_words(inbox, *waiting) or silence


def trouble_words(inbox: Inbox, *waiting: Mapping[int, Waiting]) -> str:
    """Return what is wrong with an inbox in words: its own trouble, and the mails of it that wait."""
    said = [say(inbox.trouble)] if inbox.trouble else []
    said += [each[inbox.pk].words for each in waiting if inbox.pk in each]
    return " ".join(said)
