"""What an agent sees in lists, as CSV."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rapport.conversations.models import Priority, Status
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries import lists
from rapport.conversations.queries.find import find_rows, states_for
from rapport.kernel.search.language import parse
from rapport.kernel.sentences import say
from rapport.kernel.web import csv
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.staff.queries.people import active_teams
from rapport.workspace.requests import AgentRequest
from rapport.workspace.sidebar import views_for
from rapport.workspace.views.trays import rows_of_tray

RAW = ("shown_from", "envelope_from", "shown_subject", "inbox__name", "received_at", "size", "reason")


@door(Permission.READ)
@require_GET
def of_view(request: AgentRequest, key: str) -> StreamingHttpResponse:
    """Answer a view of the rail as CSV, in the order that is asked for."""
    views = views_for(request.agent, active_teams())
    view = next((view for view, link in views if link.key == key), None)
    if view is None:
        raise Http404
    oldest_first = request.GET.get("sort") == "oldest"
    return _conversations(key, lists.every(request.agent, view, oldest_first=oldest_first))


@door(Permission.READ)
@require_GET
def of_search(request: AgentRequest) -> StreamingHttpResponse:
    """Answer everything that a search finds as CSV, the newest first."""
    query = parse(request.GET.get("q", "")[:500], states=states_for(request.agent))
    found = () if query.empty else find_rows(request.agent, query, zone=get_current_timezone())
    return _conversations("search", found)


@door(Permission.TRAYS)
@require_GET
def of_tray(request: AgentRequest, key: str) -> StreamingHttpResponse:
    """Answer a tray as CSV, the newest first."""
    rows = rows_of_tray(request.agent, key).values_list(*RAW)[: lists.MOST]
    headings = [_("From"), _("Subject"), _("Inbox"), _("Arrived (UTC)"), _("Bytes"), _("Reason")]
    return csv.answer(f"tray-{key}", headings, [_raw(*row) for row in rows])


def _raw(
    sender: str, envelope: str, subject: str, inbox: str, at: datetime, size: int, reason: str
) -> tuple[object, ...]:
    return (sender or envelope, subject, inbox, _moment(at), size, say(reason))


def _conversations(name: str, rows: Iterable[dict[str, Any]]) -> StreamingHttpResponse:
    headings = [
        _("Number"),
        _("Subject"),
        _("Customer"),
        _("Status"),
        _("Priority"),
        _("Assignee"),
        _("Team"),
        _("Brand"),
        _("Inbox"),
        _("Tags"),
        _("Messages"),
        _("Last message (UTC)"),
        _("Waiting since (UTC)"),
        _("Snoozed until (UTC)"),
    ]
    return csv.answer(name, headings, _cells(rows))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    statuses = {value: str(label) for value, label in Status.choices}
    priorities = {value: str(label) for value, label in Priority.choices}
    for row in rows:
        yield (
            row["pk"] + FIRST_NUMBER,
            row["subject"],
            row["customer__name"],
            statuses[row["status"]],
            priorities[row["priority"]],
            row["assignee__name"],
            row["team__name"],
            row["brand__name"],
            row["inbox__name"],
            ", ".join(row["tag_names"]),
            row["message_count"],
            _moment(row["last_message_at"]),
            _moment(row["waiting_since"]),
            _moment(row["snoozed_until"]),
        )


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at else ""
