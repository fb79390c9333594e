"""Inboxes whose mail server takes nothing, so that answers wait and nobody would hear of it."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import ngettext

from rapport.conversations.models import Delivery, DeliveryRecipient
from rapport.kernel.clock import now
from rapport.kernel.jobs.hold import held
from rapport.kernel.jobs.models import State
from rapport.kernel.sentences import say

LATE = timedelta(minutes=15)
_UNDER_WAY = (State.QUEUED, State.RUNNING)
_ANSWERED = ("sent", "waiting", "refused")


class Unsent(NamedTuple):
    """How many sendings of one inbox wait, the first of them, and why."""

    many: int
    first: int
    reason: str

    @property
    def words(self) -> str:
        """Say it in the present language."""
        words = ngettext(
            "%(count)s mail waits, because none goes out: %(reason)s",
            "%(count)s mails wait, because none goes out: %(reason)s",
            self.many,
        )
        return words % {"count": self.many, "reason": say(self.reason)}


def unsent() -> dict[int, Unsent]:
    """Return what waits for each inbox out of which nothing has gone since; by its id.

    A server that puts off a recipient speaks with us, and one that took a later mail works.
    """
    if held():
        return {}
    spoke = DeliveryRecipient.objects.filter(delivery=OuterRef("pk"), state__in=_ANSWERED)
    late = Delivery.objects.filter(~Exists(spoke), state__in=_UNDER_WAY, created_at__lt=now() - LATE)
    rows = list(
        late.exclude(reason="").order_by("pk").values("pk", "created_at", "reason", "conversation__inbox")
    )
    if not rows:
        return {}
    since = Delivery.objects.filter(pk__gt=rows[0]["pk"], state=State.DONE).order_by()
    last = dict(since.values_list("conversation__inbox").annotate(at=Max("sent_at")))
    found: dict[int, Unsent] = {}
    for row in rows:
        inbox, sent_at = row["conversation__inbox"], last.get(row["conversation__inbox"])
        if sent_at is None or sent_at < row["created_at"]:
            before = found.get(inbox, Unsent(0, row["pk"], ""))
            found[inbox] = Unsent(before.many + 1, before.first, row["reason"])
    return found
