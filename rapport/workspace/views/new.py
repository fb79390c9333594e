"""Writing first, and logging a phone call."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.note import EmptyText
from rapport.conversations.actions.reply import CannotCarry
from rapport.conversations.actions.start import log_call, start
from rapport.conversations.models import Draft
from rapport.conversations.queries.access import inboxes_for
from rapport.conversations.recipients import BadAddress, parse_addresses
from rapport.customers.actions.identify import identify
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.sidebar import rail
from rapport.workspace.views.answer import answer_of, html_of, nonce_of

TEMPLATE = "workspace/new.html"


@door(Permission.START)
@require_http_methods(["GET", "POST"])
def new(request: AgentRequest) -> HttpResponse:
    """Show the form, or send the first message or keep the call."""
    if request.method == "GET":
        return _form(request, mode=request.GET.get("mode", "mail"), to=request.GET.get("to", ""))
    mode = request.POST.get("mode", "mail")
    inbox = inboxes_for(request.agent).filter(pk=whole_number(request.POST.get("inbox")) or 0).first()
    if inbox is None:
        return _refused(request, mode, _("Choose an inbox."))
    try:
        made = (
            _call(request, inbox)
            if mode == "call"
            else start(
                agent=request.agent,
                inbox=inbox,
                answer=answer_of(request),
                undo=timedelta(seconds=settings.UNDO_SECONDS),
            )
        )
    except EmptyText:
        return _refused(request, mode, _("Write something first."))
    except BadAddress as bad:
        return _refused(request, mode, _("“%(text)s” is no mail address.") % {"text": str(bad)})
    except CannotCarry as reason:
        return _refused(request, mode, str(reason))
    except Forbidden:
        return HttpResponse(status=403)
    return HttpResponseRedirect(f"/conversations/{made.number}")


def _call(request: AgentRequest, inbox: Inbox) -> Any:
    caller = parse_addresses([request.POST.get("to", "")])
    if not caller:
        raise BadAddress("")
    found = identify(value=caller[0].value, name=caller[0].name, at=now())
    return log_call(
        agent=request.agent,
        inbox=inbox,
        customer=found.customer,
        subject=request.POST.get("subject", ""),
        html=html_of(request),
        inbound=request.POST.get("direction", "in") == "in",
        minutes=whole_number(request.POST.get("minutes")) or 0,
        nonce=nonce_of(request),
    )


def _refused(request: AgentRequest, mode: str, words: str) -> HttpResponse:
    return _form(request, mode=mode, to=request.POST.get("to", ""), errors=[words], status=422)


def _form(
    request: AgentRequest, *, mode: str, to: str, errors: list[str] | None = None, status: int = 200
) -> HttpResponse:
    draft = Draft.objects.filter(agent=request.agent, conversation=None, kind="new").first()
    posted = request.POST
    inboxes = list(inboxes_for(request.agent).select_related("brand").order_by("name"))
    return render.page(
        request,
        TEMPLATE,
        status=status,
        views=rail(request.agent, "new", counted=False),
        inboxes=inboxes,
        mode=mode if mode in {"mail", "call"} else "mail",
        errors=errors or [],
        values={
            "to": to,
            "inbox": whole_number(posted.get("inbox")) or _own(request.agent, inboxes),
            "cc": posted.get("cc", ""),
            "bcc": posted.get("bcc", ""),
            "subject": posted.get("subject", draft.subject if draft else ""),
            "html": posted.get("html", draft.html if draft else ""),
            "minutes": posted.get("minutes", ""),
            "direction": posted.get("direction", "in"),
        },
        nonce=secrets.token_urlsafe(16),
        draft_url="/new/draft",
        upload_url="/files",
    )


def _own(agent: Agent, inboxes: list[Inbox]) -> int | None:
    """Return the inbox that this agent most likely writes from: the one of the own team, of the own brand."""
    teams, brands = agent.team_ids(), agent.brand_ids()
    ranked = sorted(inboxes, key=lambda inbox: (inbox.team_id not in teams, inbox.brand_id not in brands))
    return ranked[0].pk if ranked else None
