"""The audit log: who changed which right or setting, from what to what."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from rapport.console.audit_words import changes, subject
from rapport.console.forms.audit import AuditFilter
from rapport.kernel.stream.kinds import kind
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.models import Agent, AuditEntry
from rapport.staff.permissions import Permission

PAGE = 100
LONGEST_CSV = 100_000


def _rows(entries: Iterable[AuditEntry]) -> list[dict[str, object]]:
    names = dict(Agent.objects.values_list("pk", "name"))
    return [
        {
            "seq": entry.seq,
            "at": entry.recorded_at,
            "who": names.get(entry.actor_id or 0, "") if entry.actor_kind == "agent" else _("Command line"),
            "what": kind(entry.kind).sentence,
            "icon": kind(entry.kind).icon,
            "about": subject(entry, names),
            "changes": changes(entry),
        }
        for entry in entries
    ]


@door(Permission.AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Show a page of the log, the newest first: all of it, or what the fields above it ask for."""
    sought = AuditFilter(request.GET)
    chosen = sought.chosen()
    before = request.GET.get("before", "")
    usable = before.isascii() and before.isdigit() and len(before) < 10
    entries = list(sought.entries(before_seq=int(before) if usable else None)[: PAGE + 1])
    more = len(entries) > PAGE
    return render.page(
        request,
        "console/audit.html",
        rows=_rows(entries[:PAGE]),
        sought=sought,
        chosen=chosen,
        csv_url=_address("console:audit_csv", chosen),
        next_url=_address("console:audit", chosen | {"before": str(entries[PAGE - 1].seq)}) if more else None,
    )


def _address(url_name: str, query: dict[str, str]) -> str:
    return f"{reverse(url_name)}?{urlencode(query)}" if query else reverse(url_name)


@door(Permission.AUDIT)
@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Answer the log, or what is asked for of it, as CSV."""
    sought = AuditFilter(request.GET)
    if not sought.is_valid():
        raise BadRequest("a filter that is not understood")
    rows = [
        (
            row["seq"],
            f"{row['at']:%Y-%m-%d %H:%M:%S}",
            row["who"],
            row["what"],
            row["about"],
            "; ".join(f"{field}: {old} → {new}" for field, old, new in row["changes"]),  # type: ignore[attr-defined]
        )
        for row in _rows(sought.entries()[:LONGEST_CSV])
    ]
    headings = [_("Number"), _("Time (UTC)"), _("Who"), _("What"), _("About what"), _("Changes")]
    return csv.answer("audit", headings, rows)
