"""Inboxes whose mail server takes nothing, so that answers wait and nobody would hear of it."""

from datetime import timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import ngettext

from rapport.conversations.models import Delivery, DeliveryRecipient
from rapport.kernel.clock import now
from rapport.kernel.jobs.hold import held
from rapport.kernel.jobs.models import State
from rapport.kernel.sentences import say

LATE = timedelta(minutes=15)
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
    rows = sorted(_late(State.QUEUED).union(_late(State.RUNNING), all=True), key=itemgetter("pk"))
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


def _late(state: State) -> QuerySet[Delivery, dict[str, Any]]:
    # One state, as a literal and in no order: so its partial index serves, and what was sent is not read.
    under_way = Delivery.objects.extra(where=[f"conversations_delivery.state = '{state.value}'"])  # noqa: S610
    spoke = DeliveryRecipient.objects.filter(delivery=OuterRef("pk"), state__in=_ANSWERED)
    late = under_way.filter(~Exists(spoke), created_at__lt=now() - LATE).exclude(reason="").order_by()
    return late.values("pk", "created_at", "reason", "conversation__inbox")
