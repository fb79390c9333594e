"""Keeping what an agent types."""

from typing import TypedDict

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from rapport.conversations.actions.drafts import SENT, Outdated, discard, save_draft
from rapport.conversations.begun import is_begun
from rapport.conversations.models import Attachment, Conversation, Draft
from rapport.conversations.recipients import BadAddress, parse_addresses, stored
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.addressed import chosen
from rapport.workspace.beneath import posted
from rapport.workspace.composer import KINDS
from rapport.workspace.requests import AgentRequest, load, whole_number, whole_numbers
from rapport.workspace.views.answer import html_of, nonce_of

LONGEST = 1_000_000
MOST_FILES = 50
MOST_PEOPLE = 500
LONGEST_ADDRESS = 500
LONGEST_FIELD = 500
FIRST = ("subject", "to", "cc", "bcc", "name", "phone", "minutes")
CALL = ("name", "phone", "minutes", "direction")


@door(Permission.NOTE)
@require_POST
def draft(request: AgentRequest, number: int | None = None) -> HttpResponse:
    """Save the composer as it is; an empty one is dropped. 409: it was sent meanwhile."""
    found = load(request, number) if number is not None else None
    mode = request.POST.get("mode", "")
    kind = (mode or "reply") if number is not None else kind_of_first(mode)
    if number is not None and kind not in KINDS:
        raise BadRequest("no such tab")
    if not _is_begun(request, found):
        discard(agent=request.agent, conversation=found, kind=kind, **_form(request))
        return JsonResponse({"saved": None})
    try:
        kept = _keep(request, found, kind, **_form(request))
    except Outdated:
        return HttpResponse(status=409)
    return JsonResponse({"saved": kept.updated_at.isoformat()})


def kind_of_first(mode: str) -> str:
    """Return which draft holds what is begun without a conversation: the words of a call stay internal."""
    return "call" if mode == "call" else "new"


def keep_refused(request: AgentRequest) -> None:
    """Keep a first message or a call that was refused as it was posted: no later save need ever come."""
    if _is_begun(request, None):
        _keep(request, None, kind_of_first(request.POST.get("mode", "")), nonce="", save=0)


def _is_begun(request: AgentRequest, found: Conversation | None) -> bool:
    """Tell whether a draft holds anything: an answer has its people and its subject from the conversation."""
    names = () if found is not None else FIRST
    words = is_begun(html_of(request), files=bool(_files(request)))
    return words or any(request.POST.get(name, "").strip() for name in names)


def _files(request: AgentRequest) -> list[int]:
    return whole_numbers(request, "file")[:MOST_FILES]


class _Form(TypedDict):
    nonce: str
    save: int


def _form(request: AgentRequest) -> _Form:
    return {"nonce": nonce_of(request), "save": min(whole_number(request.POST.get("save")) or 0, SENT - 1)}


def _keep(request: AgentRequest, found: Conversation | None, kind: str, *, nonce: str, save: int) -> Draft:
    kept = save_draft(
        agent=request.agent,
        conversation=found,
        kind=kind,
        html=html_of(request)[:LONGEST],
        **_people(request, kind),
        subject=request.POST.get("subject", ""),
        seen_seq=whole_number(request.POST.get("token")) or 0,
        below=posted(request) if kind == "forward" else None,
        call=_call(request) if kind == "call" else None,
        nonce=nonce,
        save=save,
    )
    own = Attachment.objects.filter(pk__in=_files(request), uploader=request.agent)
    own.filter(message=None, note=None, side_message=None).update(draft=kept)
    return kept


def _call(request: AgentRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:LONGEST_FIELD] for name in CALL}


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
