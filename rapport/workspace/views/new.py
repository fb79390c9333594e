"""Writing first, and logging a phone call."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.log_call import Call, log_call
from rapport.conversations.actions.note import EmptyText
from rapport.conversations.actions.reply import CannotCarry
from rapport.conversations.actions.start import start
from rapport.conversations.models import Attachment, Conversation, Draft, Message
from rapport.conversations.queries.access import inboxes_for
from rapport.conversations.recipients import BadAddress, parse_addresses
from rapport.customers.actions.identify_caller import Caller
from rapport.inboxes.models import Inbox
from rapport.inboxes.registry import largest_file
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.authority import Refused
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.composer import own_uploads
from rapport.workspace.entries import file_view
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.sidebar import rail
from rapport.workspace.views.answer import answer_of, html_of, nonce_of, typed_of
from rapport.workspace.views.drafts import keep_refused, kind_of_first

TEMPLATE = "workspace/new.html"
PEOPLE = ("to", "cc", "bcc")
FIELDS = (*PEOPLE, "inbox", "subject", "html", "text", "name", "phone", "minutes", "direction")


@door(Permission.START)
@require_http_methods(["GET", "POST"])
def new(request: AgentRequest) -> HttpResponse:
    """Show the form, or send the first message or keep the call."""
    if request.method == "GET":
        return _begun(request)
    mode = request.POST.get("mode", "mail")
    inbox = inboxes_for(request.agent).filter(pk=whole_number(request.POST.get("inbox")) or 0).first()
    if inbox is None:
        return _refused(request, mode, _("Choose an inbox."))
    try:
        made = _call(request, inbox) if mode == "call" else _first_message(request, inbox)
    except EmptyText:
        return _refused(request, mode, _("Write something first."))
    except BadAddress as bad:
        return _refused(request, mode, _("“%(text)s” is no mail address.") % {"text": str(bad)})
    except CannotCarry as reason:
        return _refused(request, mode, str(reason))
    except Refused as refused:
        return _refused(request, mode, str(refused.reason))
    except Forbidden:
        raise PermissionDenied from None
    return HttpResponseRedirect(f"/conversations/{made.number}")


def _first_message(request: AgentRequest, inbox: Inbox) -> Conversation:
    undo = timedelta(seconds=settings.UNDO_SECONDS)
    return start(agent=request.agent, inbox=inbox, answer=answer_of(request), undo=undo)


def _call(request: AgentRequest, inbox: Inbox) -> Conversation:
    posted = request.POST
    address = next(iter(parse_addresses([posted.get("to", "")])), None)
    caller = Caller(
        name=posted.get("name", "") or (address.name if address else ""),
        phone=posted.get("phone", ""),
        address=address.value if address else "",
    )
    call = Call(
        html=html_of(request),
        subject=posted.get("subject", ""),
        inbound=posted.get("direction", "in") == "in",
        minutes=whole_number(posted.get("minutes")) or 0,
        attachment_ids=tuple(typed_of(request).file_ids),
        nonce=nonce_of(request),
    )
    return log_call(agent=request.agent, inbox=inbox, customer=caller, call=call)


def _refused(request: AgentRequest, mode: str, words: str) -> HttpResponse:
    keep_refused(request)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    files = own_uploads(request.agent, typed_of(request).file_ids)
    return _form(request, mode=mode, values=typed, files=files, errors=[words], status=422)


def _begun(request: AgentRequest) -> HttpResponse:
    """Show an empty form, or what was saved of one of the same mode that was begun."""
    mode = request.GET.get("mode", "mail")
    draft = Draft.objects.filter(agent=request.agent, conversation=None, kind=kind_of_first(mode)).first()
    values = dict.fromkeys(FIELDS, "") | {"direction": "in"} | (_saved(draft) if draft else {})
    values["to"] = request.GET.get("to", "") or values["to"]
    files = list(Attachment.objects.filter(draft=draft).order_by("pk")) if draft else []
    return _form(request, mode=mode, values=values, files=files, begun=draft is not None)


def _saved(draft: Draft) -> dict[str, str]:
    people = {role: ", ".join(row["address"] for row in getattr(draft, role)) for role in PEOPLE}
    return {**people, "subject": draft.subject, "html": draft.html, **(draft.call or {})}


def _form(
    request: AgentRequest,
    *,
    mode: str,
    values: dict[str, str],
    files: list[Attachment],
    begun: bool = False,
    errors: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    inboxes = list(inboxes_for(request.agent).select_related("brand").order_by("name"))
    return render.page(
        request,
        TEMPLATE,
        status=status,
        views=rail(request.agent, "new", counted=False),
        inboxes=inboxes,
        inbox=whole_number(values["inbox"]) or _own(request.agent, inboxes),
        mode=mode if mode in {"mail", "call"} else "mail",
        begun=begun,
        errors=errors,
        values=values,
        files=[file_view(file) for file in files],
        limit=largest_file(),
        nonce=secrets.token_urlsafe(16),
        draft_url="/new/draft",
        upload_url="/files",
    )


def _own(agent: Agent, inboxes: list[Inbox]) -> int | None:
    """Return the inbox that this agent wrote from last, else one of the own team, else of the own brand."""
    sent = Message.objects.filter(agent=agent, inbox__in=inboxes).order_by("-pk")
    last = sent.values_list("inbox_id", flat=True).first()
    if last is not None:
        return last
    teams, brands = agent.team_ids(), agent.brand_ids()
    ranked = sorted(inboxes, key=lambda inbox: (inbox.team_id not in teams, inbox.brand_id not in brands))
    return ranked[0].pk if ranked else None
