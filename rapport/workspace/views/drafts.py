"""Keeping what an agent types."""

from typing import TypedDict

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from rapport.conversations.actions.drafts import SENT, Outdated, discard, save_draft
from rapport.conversations.models import Attachment, Conversation, Draft
from rapport.conversations.recipients import BadAddress, parse_addresses, stored
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.addressed import chosen
from rapport.workspace.beneath import posted
from rapport.workspace.composer import KINDS
from rapport.workspace.requests import AgentRequest, load, whole_number
from rapport.workspace.views.answer import nonce_of

LONGEST = 1_000_000
MOST_PEOPLE = 500
LONGEST_ADDRESS = 500


@door(Permission.NOTE)
@require_POST
def draft(request: AgentRequest, number: int | None = None) -> HttpResponse:
    """Save the composer as it is; an empty one is dropped. 409: it was sent meanwhile."""
    found = load(request, number) if number is not None else None
    kind = request.POST.get("mode", "reply") if number is not None else "new"
    if number is not None and kind not in KINDS:
        raise BadRequest("no such tab")
    files = [whole_number(text) for text in request.POST.getlist("file")[:50]]
    if not files and not any(request.POST.get(name, "").strip() for name in _words(found)):
        discard(agent=request.agent, conversation=found, kind=kind, **_form(request))
        return JsonResponse({"saved": None})
    try:
        kept = _keep(request, found, kind)
    except Outdated:
        return HttpResponse(status=409)
    own = Attachment.objects.filter(pk__in=[f for f in files if f is not None], uploader=request.agent)
    own.filter(message=None, note=None, side_message=None).update(draft=kept)
    return JsonResponse({"saved": kept.updated_at.isoformat()})


def _words(found: Conversation | None) -> tuple[str, ...]:
    """Return the fields that make a draft: an answer has its people and its subject from the conversation."""
    return ("html",) if found is not None else ("html", "subject", "to", "cc", "bcc")


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
        **_people(request, kind),
        subject=request.POST.get("subject", ""),
        seen_seq=whole_number(request.POST.get("token")) or 0,
        below=posted(request) if kind == "forward" else None,
        **_form(request),
    )


class _People(TypedDict, total=False):
    to: list[dict[str, str]]
    cc: list[dict[str, str]]
    bcc: list[dict[str, str]]


def _people(request: AgentRequest, kind: str) -> _People:
    """Return whom the draft is addressed to; nobody where the agent left that to us."""
    if kind == "note" or (kind == "reply" and not chosen(request)):
        return {}
    return {"to": _row(request, "to"), "cc": _row(request, "cc"), "bcc": _row(request, "bcc")}


def _row(request: AgentRequest, name: str) -> list[dict[str, str]]:
    """Return a row of people as it was typed; what is no address yet stays, and is refused when sent."""
    kept = []
    for text in request.POST.get(name, "").split(",")[:MOST_PEOPLE]:
        try:
            kept += stored(parse_addresses([text]))
        except BadAddress as bad:
            kept.append({"address": str(bad)[:LONGEST_ADDRESS], "name": ""})
    return kept
