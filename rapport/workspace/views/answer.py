"""Sending: reply, note, forward. Each answers with the composer, empty again or saying what went wrong."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.conversations.actions.forward import forward as forward_action
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.note import EmptyText, add_note
from rapport.conversations.actions.reply import Answer, CannotCarry
from rapport.conversations.actions.reply import reply as reply_action
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import Conversation, Delivery, Status
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.thread import Thread
from rapport.conversations.recipients import BadAddress, parse_addresses
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.web.door import door
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.composer import Typed
from rapport.workspace.entries import EntryView, entry_views
from rapport.workspace.requests import AgentRequest, by_script, load, whole_number
from rapport.workspace.views.conversation import composer

SENDABLE = {status.value for status in (Status.OPEN, Status.WAITING, Status.ON_HOLD, Status.SOLVED)}


@door(Permission.REPLY)
@require_POST
def reply(request: AgentRequest, number: int) -> HttpResponse:
    """Send an answer to the customer."""
    found = load(request, number)

    def act() -> None:
        reply_action(
            agent=request.agent,
            conversation_id=found.pk,
            answer=answer_of(request),
            token=whole_number(request.POST.get("token")),
            undo=timedelta(seconds=settings.UNDO_SECONDS),
        )

    return _answered(request, found, act, mode="reply")


@door(Permission.NOTE)
@require_POST
def note(request: AgentRequest, number: int) -> HttpResponse:
    """Add an internal note."""
    found = load(request, number)

    def act() -> None:
        add_note(
            agent=request.agent,
            conversation_id=found.pk,
            html=html_of(request),
            mentioned_ids=_numbers(request, "mention"),
            attachment_ids=_numbers(request, "file"),
            nonce=nonce_of(request),
        )

    return _answered(request, found, act, mode="note")


@door(Permission.REPLY)
@require_POST
def forward(request: AgentRequest, number: int) -> HttpResponse:
    """Forward the last public message to a third party."""
    found = load(request, number)
    sent = found.messages.exclude(deliveries__state__in=[Delivery.WITHDRAWN, Delivery.SKIPPED])
    last = sent.order_by("-id").values_list("pk", flat=True).first()

    def act() -> None:
        forward_action(
            agent=request.agent,
            conversation_id=found.pk,
            answer=answer_of(request),
            message_id=whole_number(request.POST.get("message")) or last,
            undo=timedelta(seconds=settings.UNDO_SECONDS),
        )

    return _answered(request, found, act, mode="forward")


def answer_of(request: AgentRequest) -> Answer:
    """Read the composer's fields; raises ``BadAddress``."""
    status = request.POST.get("status", Status.WAITING)
    return Answer(
        html=html_of(request),
        to=parse_addresses(request.POST.get("to", "").split(",")),
        cc=parse_addresses(request.POST.get("cc", "").split(",")),
        bcc=parse_addresses(request.POST.get("bcc", "").split(",")),
        subject=" ".join(request.POST.get("subject", "").split())[:500],
        nonce=nonce_of(request),
        attachment_ids=tuple(_numbers(request, "file")),
        status=Status(status) if status in SENDABLE else Status.WAITING,
    )


def html_of(request: AgentRequest) -> str:
    """Return the text of the composer; a page without scripts sends plain text."""
    text = request.POST.get("text", "").strip()
    return paragraphs(text) if text else request.POST.get("html", "")


def nonce_of(request: AgentRequest) -> str:
    """Return the name that this composer, and no other, was given when it was shown."""
    return request.POST.get("nonce", "")[:100]


def typed_of(request: AgentRequest) -> Typed:
    """Return the composer's fields as they were posted, to be shown again."""
    posted = request.POST
    return Typed(
        html=posted.get("html", ""),
        text=posted.get("text", ""),
        to=posted.get("to", ""),
        cc=posted.get("cc", ""),
        bcc=posted.get("bcc", ""),
        file_ids=_numbers(request, "file"),
    )


def _numbers(request: AgentRequest, name: str) -> list[int]:
    found = (whole_number(text) for text in request.POST.getlist(name)[:200])
    return [number for number in found if number is not None]


def _answered(
    request: AgentRequest, found: Conversation, act: Callable[[], object], *, mode: str
) -> HttpResponse:
    errors, conflict, status = [], [], 200
    try:
        act()
    except NotFound:
        raise Http404 from None
    except EmptyText:
        errors, status = [_("There is nothing to send yet: write something or attach a file.")], 422
    except BadAddress as bad:
        errors, status = [_("“%(text)s” is no mail address. Nothing was sent.") % {"text": str(bad)}], 422
    except CannotCarry as reason:
        errors, status = [_("%(reason)s Nothing was sent; your text is kept.") % {"reason": reason}], 422
    except Forbidden:
        errors, status = [_("Your role may not do this. Nothing was sent.")], 403
    except Conflict as crossed:
        conflict, status = conflict_views(found, crossed), 409
    if status == 200 and not by_script(request):
        return HttpResponseRedirect(f"/conversations/{found.number}#end")
    found.refresh_from_db()
    return composer(
        request,
        found,
        status=status,
        errors=errors,
        conflict=conflict,
        mode=mode if errors or conflict else "",
        typed=typed_of(request) if errors or conflict else None,
        folded=True,
    )


def conflict_views(found: Conversation, conflict: Conflict) -> list[EntryView]:
    """Return what happened meanwhile, as lines."""
    thread = Thread(conflict.entries)
    thread.agents = Agent.objects.in_bulk(
        [e.actor_id for e in conflict.entries if e.actor_kind == "agent" and e.actor_id]
    )
    return entry_views(found, thread)
