"""The queues, and the dead letters that wait for a person."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rapport.console.requests import agent_of, done
from rapport.conversations.actions import mend_delivery
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.mend_delivery import NotMendable
from rapport.conversations.actions.retry_failed import retry_failed
from rapport.conversations.models import Delivery
from rapport.conversations.queries.access import NotFound
from rapport.kernel.clock import now
from rapport.kernel.jobs import leases
from rapport.kernel.jobs.models import Leased, State
from rapport.kernel.jobs.queues import Queue, all_queues, queue, wake
from rapport.kernel.sentences import say
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission

SHOWN = 50
LABELS: dict[str, Promise] = {
    "delivery": _("Outgoing mail"),
    "ingest": _("Incoming mail"),
    "jobs": _("Background work"),
    "reactions": _("What follows from events"),
    "system_mail": _("Invitations and notices"),
}
"""The queues as people call them."""


@dataclass(frozen=True)
class DeadLetter:
    """One row that failed for good."""

    id: int
    what: str
    why: str
    attempts: int
    url: str


@dataclass(frozen=True)
class QueueRow:
    """One queue as the page shows it. ``late`` is the oldest row that is due and not taken."""

    name: str
    label: str
    waiting: int
    running: int
    failed: int
    late: object
    letters: list[DeadLetter]


@door(Permission.QUEUES)
@require_safe
def queues(request: HttpRequest) -> HttpResponse:
    """Show every queue."""
    return render.page(request, "console/queues.html", queues=[_row(each) for each in all_queues()])


def _row(each: Queue) -> QueueRow:
    rows = each.model._default_manager.all()
    open_states = [State.QUEUED, State.RUNNING, State.FAILED]
    counted = rows.filter(state__in=open_states).values("state").annotate(many=Count("pk"))
    counts = {line["state"]: line["many"] for line in counted}
    due = rows.filter(state=State.QUEUED, run_at__lte=now()).aggregate(oldest=Min("run_at"))
    failed = _failed(rows) if counts.get(State.FAILED) else []
    return QueueRow(
        name=each.name,
        label=str(LABELS.get(each.name, each.name)),
        waiting=counts.get(State.QUEUED, 0),
        running=counts.get(State.RUNNING, 0),
        failed=counts.get(State.FAILED, 0),
        late=due["oldest"],
        letters=[_letter(row) for row in failed],
    )


def _failed(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    failed = rows.filter(state=State.FAILED).order_by("-run_at")
    return (failed.select_related("conversation") if rows.model is Delivery else failed)[:SHOWN]


def _letter(row: Leased) -> DeadLetter:
    return DeadLetter(
        id=row.pk,
        what=_what(row),
        why=say(str(getattr(row, "reason", "") or row.last_error)),
        attempts=row.attempts,
        url=f"/conversations/{row.conversation.number}" if isinstance(row, Delivery) else "",
    )


def _what(row: Leased) -> str:
    if isinstance(row, Delivery):
        return f"{row.conversation.subject} #{row.conversation.number}".strip()
    return str(getattr(row, "name", "") or getattr(row, "shown_subject", "") or f"#{row.pk}")


@door(Permission.QUEUES)
@require_safe
def queues_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the queues as CSV."""
    rows = [
        (row.label, row.waiting, row.running, row.failed, row.late or "") for row in map(_row, all_queues())
    ]
    headings = [_("Queue"), _("Waiting"), _("Running"), _("Failed"), _("Oldest due")]
    return csv.answer("queues", headings, rows)


@door(Permission.QUEUES)
@require_POST
def retry(request: HttpRequest, name: str) -> HttpResponse:
    """Give the dead letters of a queue, or the one named by ``id``, another life."""
    try:
        chosen = queue(name)
    except KeyError:
        raise Http404 from None
    rows = chosen.model._default_manager.all()
    given = request.POST.get("id", "")
    if given:
        rows = (
            rows.filter(pk=int(given))
            if given.isascii() and given.isdigit() and len(given) < 18
            else rows.none()
        )
    if chosen.model is not Delivery:
        count = leases.retry_now(rows)
    else:
        count = _send_again(request, rows) if given else retry_failed(agent=agent_of(request))
    wake(name)
    words = ngettext("%(count)s is tried again.", "%(count)s are tried again.", count) % {"count": count}
    return done(request, words, reverse("console:queues"))


def _send_again(request: HttpRequest, rows: "QuerySet[Any]") -> int:
    """Try a mail again as its conversation does, which writes it down; return how many there were."""
    count = 0
    for delivery in rows.filter(state=State.FAILED):
        with suppress(NotMendable, NotFound, Forbidden):
            mend_delivery.retry(
                agent=agent_of(request), conversation_id=delivery.conversation_id, delivery_id=delivery.pk
            )
            count += 1
    return count
