"""Sending: reply, note, forward. Each answers with the composer, empty again or saying what went wrong."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypedDict

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.conversations.actions.answer_side import answer_side
from rapport.conversations.actions.forward import forward as forward_action
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.note import EmptyText, add_note
from rapport.conversations.actions.reply import Answer, CannotCarry
from rapport.conversations.actions.reply import reply as reply_action
from rapport.conversations.below import Below
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import Conversation, Status
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.answered import message_answered
from rapport.conversations.queries.passed_on import forwarded_by_default
from rapport.conversations.queries.thread import lines_of
from rapport.conversations.recipients import BadAddress, parse_addresses
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.addressed import chosen
from rapport.workspace.beneath import posted
from rapport.workspace.composer import Typed
from rapport.workspace.entries import EntryView, entry_views
from rapport.workspace.requests import AgentRequest, load, whole_number, whole_numbers
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
            token=_seen(request),
            answered=_wrote(request),
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
            mentioned_ids=whole_numbers(request, "mention"),
            attachment_ids=whole_numbers(request, "file"),
            nonce=nonce_of(request),
        )

    return _answered(request, found, act, mode="note")


@door(Permission.REPLY)
@require_POST
def forward(request: AgentRequest, number: int) -> HttpResponse:
    """Forward the message that the composer names to a third party, or answer what that party wrote."""
    found = load(request, number)
    below = posted(request) or _default(found)

    def act() -> None:
        sending = _Sending(
            agent=request.agent,
            conversation_id=found.pk,
            answer=answer_of(request),
            token=_seen(request),
            undo=timedelta(seconds=settings.UNDO_SECONDS),
        )
        if below.side_id is not None:
            answer_side(side_message_id=below.side_id, **sending)
        else:
            forward_action(message_id=below.message_id, file_ids=below.file_ids, **sending)

    return _answered(request, found, act, mode="forward")


class _Sending(TypedDict):
    agent: Agent
    conversation_id: int
    answer: Answer
    token: int
    undo: timedelta


def _default(found: Conversation) -> Below:
    message = forwarded_by_default(found, message_answered(found))
    return Below(message_id=message.pk if message else None)


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
        attachment_ids=tuple(whole_numbers(request, "file")),
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
    fields = request.POST
    return Typed(
        html=fields.get("html", ""),
        text=fields.get("text", ""),
        to=fields.get("to", ""),
        cc=fields.get("cc", ""),
        bcc=fields.get("bcc", ""),
        file_ids=whole_numbers(request, "file"),
        chosen=chosen(request),
        below=posted(request),
        status=fields.get("status", ""),
    )


def _seen(request: AgentRequest) -> int:
    """Return the last entry that stood on the screen; a form that does not say it has seen nothing."""
    return whole_number(request.POST.get("token")) or 0


def _wrote(request: AgentRequest) -> int:
    """Return the last entry when this form, or the one whose place it took, sent its last answer."""
    return whole_number(request.POST.get("answered")) or 0


def _answered(
    request: AgentRequest, found: Conversation, act: Callable[[], object], *, mode: str
) -> HttpResponse:
    errors, conflict, status, token = [], [], 200, _seen(request)
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
        token = max(entry.seq for entry in crossed.entries)
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
        token=token,
        answered=found.last_seq if mode == "reply" and status == 200 else _wrote(request),
        folded=True,
    )


def conflict_views(found: Conversation, conflict: Conflict) -> list[EntryView]:
    """Return what happened meanwhile, as lines."""
    return entry_views(found, lines_of(conflict.entries))
