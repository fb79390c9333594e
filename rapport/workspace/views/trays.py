"""What came in and stands in no conversation: each with its reason and what can be done about it."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.channels.ingest.decide import CannotPlace, dismiss, place_by_hand, retry
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import NotFound, conversation_for, raw_rows_for
from rapport.inboxes.models import Outcome
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.requests import AgentRequest, by_script, whole_number
from rapport.workspace.sidebar import rail

TEMPLATE = "workspace/trays.html"
TRAYS = {
    "belongs-to": (Outcome.QUARANTINED,),
    "refused": (Outcome.REFUSED, Outcome.POISON),
    "noted": (Outcome.NOTED, Outcome.DUPLICATE),
    "dismissed": (Outcome.DISMISSED,),
}
PAGE = 50


@door(Permission.TRAYS)
@require_GET
def trays(request: AgentRequest, key: str = "belongs-to") -> HttpResponse:
    """Show one tray."""
    if key not in TRAYS:
        raise Http404
    rows = raw_rows_for(request.agent).filter(outcome__in=TRAYS[key]).select_related("inbox").order_by("-pk")
    before = whole_number(request.GET.get("before"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    labels = {
        "belongs-to": _("Belongs to?"),
        "refused": _("Could not be taken in"),
        "noted": _("Noted, nothing to do"),
        "dismissed": _("Dismissed"),
    }
    for row in page:
        row.candidate_number = row.candidate + FIRST_NUMBER if row.candidate else None  # type: ignore[attr-defined]
    return render.page(
        request,
        TEMPLATE,
        views=rail(request.agent, "trays", counted=False),
        trays=[(name, label, name == key) for name, label in labels.items()],
        key=key,
        rows=page[:PAGE],
        next_url=f"/trays/{key}?{urlencode({'before': page[PAGE - 1].pk})}" if len(page) > PAGE else "",
        error=request.GET.get("error", ""),
    )


@door(Permission.TRAYS)
@require_POST
def decide(request: AgentRequest, pk: int) -> HttpResponse:
    """Put a raw row into a conversation, make it a new one, read it again, or dismiss it."""
    raw = raw_rows_for(request.agent).select_related("inbox").filter(pk=pk).first()
    if raw is None:
        raise Http404
    act = request.POST.get("act", "")
    error = ""
    try:
        if act == "retry":
            retry(raw=raw)
        elif act == "dismiss":
            dismiss(agent=request.agent, raw=raw)
        elif act == "new":
            place_by_hand(agent=request.agent, raw=raw, conversation_id=None)
        elif act == "move":
            number = whole_number(request.POST.get("number", "").strip().lstrip("#").replace(" ", ""))
            target = conversation_for(request.agent, number or 0)
            place_by_hand(agent=request.agent, raw=raw, conversation_id=target.pk)
        else:
            return HttpResponse(status=400)
    except NotFound:
        error = _("There is no such conversation. Nothing was moved.")
    except CannotPlace as reason:
        error = str(reason)
    back = request.POST.get("back", "belongs-to")
    target_url = f"/trays/{back if back in TRAYS else 'belongs-to'}"
    if error:
        target_url += f"?{urlencode({'error': error})}"
    if by_script(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target_url})
    return HttpResponseRedirect(target_url)
