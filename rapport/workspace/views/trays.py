"""What came in and stands in no conversation: each with its reason and what can be done about it."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.channels.ingest.content import content_of, message_in
from rapport.channels.ingest.decide import (
    CannotPlace,
    dismiss,
    is_readable,
    is_retryable,
    place_by_hand,
    retry,
)
from rapport.channels.ingest.trays import COUNTED
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import NotFound, conversation_for, raw_rows_for
from rapport.inboxes.models import WITHHELD, Outcome, RawInbound
from rapport.kernel.files.storage import Damaged
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.sidebar import capped, rail, tray_count

TEMPLATE = "workspace/trays.html"
TRAYS = {
    "belongs-to": (Outcome.QUARANTINED,),
    "refused": (Outcome.REFUSED, Outcome.POISON),
    "noted": (Outcome.NOTED, Outcome.DUPLICATE),
    "dismissed": (Outcome.DISMISSED,),
}
PAGE = 50
LONGEST_SHOWN = 20_000


@dataclass(frozen=True)
class Shown:
    """The words of one raw row, opened in its tray."""

    pk: int
    html: str
    to: tuple[str, ...] = ()
    files: tuple[tuple[str, int], ...] = ()


@door(Permission.TRAYS)
@require_GET
def trays(request: AgentRequest, key: str = "") -> HttpResponse:
    """Show one tray; without a name the first in which something waits for a decision."""
    waiting = _waiting(request.agent)
    key = key or next((name for name, count in waiting.items() if count), "belongs-to")
    rows = rows_of_tray(request.agent, key)
    before = whole_number(request.GET.get("before"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    opened = whole_number(request.GET.get("show"))
    for row in page:
        row.candidate_number = row.candidate + FIRST_NUMBER if row.candidate else None  # type: ignore[attr-defined]
    return render.page(
        request,
        TEMPLATE,
        views=rail(request.agent, "trays", counted=False),
        trays=_tabs(key, waiting),
        key=key,
        rows=page[:PAGE],
        readable=is_readable,
        retryable=is_retryable,
        withheld=WITHHELD,
        shown=next((_shown(row) for row in page if row.pk == opened), None),
        csv_url=reverse("tray-csv", args=[key]),
        here=f"/trays/{key}?{urlencode({'before': before})}&" if before else f"/trays/{key}?",
        placed=whole_number(request.GET.get("placed")),
        closed=whole_number(request.GET.get("closed")),
        next_url=f"/trays/{key}?{urlencode({'before': page[PAGE - 1].pk})}" if len(page) > PAGE else "",
    )


def _waiting(agent: Agent) -> dict[str, int]:
    """Return how many wait in each tray that calls for a decision."""
    return {
        name: tray_count(agent, outcomes) for name, outcomes in TRAYS.items() if set(outcomes) <= set(COUNTED)
    }


def _tabs(key: str, waiting: dict[str, int]) -> list[dict[str, object]]:
    labels = {
        "belongs-to": _("Belongs to?"),
        "refused": _("Could not be taken in"),
        "noted": _("Noted, nothing to do"),
        "dismissed": _("Dismissed"),
    }
    return [
        {"label": label, "url": f"/trays/{name}", "current": name == key, "count": capped(waiting.get(name))}
        for name, label in labels.items()
    ]


def rows_of_tray(agent: Agent, key: str) -> QuerySet[RawInbound]:
    """Return what stands in a tray for this agent, the newest first; 404 where there is no such tray."""
    if key not in TRAYS:
        raise Http404
    return raw_rows_for(agent).filter(outcome__in=TRAYS[key]).select_related("inbox").order_by("-pk")


@door(Permission.TRAYS)
@require_GET
def source(request: AgentRequest, pk: int) -> HttpResponse:
    """Give what came in byte for byte, as a download; its tray says where that cannot be."""
    here = raw_rows_for(request.agent).exclude(source=WITHHELD)
    raw = here.select_related("inbox", "file").filter(pk=pk).first()
    if raw is None:
        raise Http404
    try:
        content = content_of(raw)
    except Damaged:
        messages.error(request, _("The stored file of this mail is missing or damaged."))
        key = next((name for name, outcomes in TRAYS.items() if raw.outcome in outcomes), "belongs-to")
        return HttpResponseRedirect(f"/trays/{key}")
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{pk}.eml"'},
    )


def _shown(raw: RawInbound) -> Shown:
    """Return the words of a raw row as plain text, with nothing in them that acts."""
    try:
        message = message_in(raw) if is_readable(raw) else None
    except Damaged:
        message = None
    if message is None:
        return Shown(raw.pk, "")
    return Shown(
        raw.pk,
        paragraphs(message.text[:LONGEST_SHOWN]),
        tuple(each.value for each in (*message.to, *message.cc)),
        tuple((file.name, len(file.content)) for file in message.files),
    )


@door(Permission.TRAYS)
@require_POST
def decide(request: AgentRequest, pk: int) -> HttpResponse:
    """Put a raw row into a conversation, make it a new one, read it again, or dismiss it."""
    said: dict[str, int] = {}
    raw = raw_rows_for(request.agent).select_related("inbox").filter(pk=pk).first()
    if raw is None:
        raise Http404
    act = request.POST.get("act", "")
    try:
        if act == "retry":
            retry(raw=raw)
            messages.success(request, _("It is being read again. Whatever comes of it shows in a moment."))
        elif act == "dismiss":
            dismiss(agent=request.agent, raw=raw)
            messages.success(request, _("Dismissed. The mail is kept in the tray “Dismissed”."))
        elif act == "new":
            pk = place_by_hand(agent=request.agent, raw=raw, conversation_id=None)
            said["placed"] = pk + FIRST_NUMBER
        elif act == "move":
            number = whole_number(request.POST.get("number", "").strip().lstrip("#").replace(" ", ""))
            target = conversation_for(request.agent, number or 0)
            pk = place_by_hand(agent=request.agent, raw=raw, conversation_id=target.pk)
            said["placed"] = pk + FIRST_NUMBER
            raw.refresh_from_db(fields=["outcome"])
            if pk != target.pk and raw.outcome == Outcome.PARSED:
                said["closed"] = target.number
        else:
            raise BadRequest("no such decision")
    except NotFound:
        messages.error(request, _("There is no such conversation. Nothing was moved."))
    except CannotPlace as reason:
        messages.error(request, str(reason))
    back = request.POST.get("back", "belongs-to")
    target_url = f"/trays/{back if back in TRAYS else 'belongs-to'}"
    if said:
        target_url += f"?{urlencode(said)}"
    if by_script(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target_url})
    return HttpResponseRedirect(target_url)
