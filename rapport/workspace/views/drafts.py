"""Keeping what an agent types."""

from typing import TypedDict

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from rapport.conversations.actions.drafts import SENT, Outdated, discard, save_draft
from rapport.conversations.models import Attachment, Conversation, Draft
from rapport.conversations.recipients import BadAddress, parse_addresses, stored
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.composer import KINDS
from rapport.workspace.requests import AgentRequest, load, whole_number
from rapport.workspace.views.answer import nonce_of

LONGEST = 1_000_000


@door(Permission.NOTE)
@require_POST
def draft(request: AgentRequest, number: int | None = None) -> HttpResponse:
    """Save the composer as it is; an empty one is dropped. 409: it was sent meanwhile."""
    found = load(request, number) if number is not None else None
    kind = request.POST.get("mode", "reply") if number is not None else "new"
    if number is not None and kind not in KINDS:
        return HttpResponse(status=400)
    files = [whole_number(text) for text in request.POST.getlist("file")[:50]]
    if not request.POST.get("html", "").strip() and not files:
        discard(agent=request.agent, conversation=found, kind=kind, **_form(request))
        return JsonResponse({"saved": None})
    try:
        kept = _keep(request, found, kind)
    except Outdated:
        return HttpResponse(status=409)
    own = Attachment.objects.filter(pk__in=[f for f in files if f is not None], uploader=request.agent)
    own.filter(message=None, note=None, side_message=None).update(draft=kept)
    return JsonResponse({"saved": kept.updated_at.isoformat()})


class _Form(TypedDict):
    nonce: str
    save: int


def _form(request: AgentRequest) -> _Form:
    return {"nonce": nonce_of(request), "save": min(whole_number(request.POST.get("save")) or 0, SENT - 1)}


def _keep(request: AgentRequest, found: Conversation | None, kind: str) -> Draft:
    return save_draft(
        agent=request.agent,
        conversation=found,
        kind=kind,
        html=request.POST.get("html", "")[:LONGEST],
        to=_people(request, "to"),
        cc=_people(request, "cc"),
        bcc=_people(request, "bcc"),
        subject=request.POST.get("subject", ""),
        seen_seq=whole_number(request.POST.get("token")) or 0,
        **_form(request),
    )


def _people(request: AgentRequest, name: str) -> list[dict[str, str]]:
    try:
        return stored(parse_addresses(request.POST.get(name, "").split(",")))
    except BadAddress:
        return []
