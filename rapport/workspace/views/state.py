"""Changing what a conversation is: status, assignee, priority, kind, subject, tags, snooze and the like."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.conversations.actions import spam as spam_actions
from rapport.conversations.actions.assign import NotAssignable
from rapport.conversations.actions.follow import follow as follow_action
from rapport.conversations.actions.follow import mark_read, mark_unread
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.organise import set_kind, set_priority, set_subject
from rapport.conversations.actions.set_customer import set_customer
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.snooze import NotInFuture, snooze, wake
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import Conversation, Kind, Message, Priority, Status
from rapport.conversations.queries.access import NotFound, follows
from rapport.customers.actions.identify import identify
from rapport.customers.models import Identity
from rapport.kernel.clock import now
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.notifications.actions.read import mark_read as heard
from rapport.staff.permissions import Permission
from rapport.workspace import said, undoing
from rapport.workspace.entries import EntryView
from rapport.workspace.holders import assigning
from rapport.workspace.requests import AgentRequest, load, still, whole_number
from rapport.workspace.snoozing import moment_of
from rapport.workspace.unscripted import refused, sent_on
from rapport.workspace.views.answer import conflict_views
from rapport.workspace.views.conversation import header

Act = Callable[[AgentRequest, Conversation, int | None], object]
ACTS: dict[str, Act] = {}


def act(name: str) -> Callable[[Act], Act]:
    """Register the decorated function as ``POST /conversations/<number>/<name>``."""

    def register(function: Act) -> Act:
        ACTS[name] = function
        return function

    return register


@door(Permission.READ)
@require_POST
def change(request: AgentRequest, number: int, name: str) -> HttpResponse:
    """Do one act and answer the header as it is now. Each act checks its own permission.

    A value that cannot be understood changes nothing and answers 400. Of what the act took out of the agent's
    sight there is no header: the answer says where it went. A plain form is sent back to the conversation,
    which says the same.
    """
    found = load(request, number)
    token = whole_number(request.POST.get("token"))
    status, conflict = 200, []
    try:
        ACTS[name](request, found, token)
    except NotInFuture:
        return _refused(request, number, _("This time is past. Nothing was changed."))
    except (KeyError, ValueError, OverflowError, NotAssignable):
        return _refused(request, number, _("This cannot be done. Nothing was changed."))
    except NotFound:
        raise Http404 from None
    except Forbidden:
        raise PermissionDenied from None
    except Conflict as crossed:
        conflict, status = conflict_views(found, crossed), 409
    try:
        changed = load(request, number)
    except Http404:
        if conflict:
            raise
        return _out_of_sight(request, name, found)
    event = _event(request, name, found, changed, crossed=status == 409)
    if not by_script(request):
        return sent_on(request, f"/conversations/{number}", event or _event_without_header(request, conflict))
    answer = header(request, changed, conflict=conflict, status=status)
    if event:
        answer["HX-Trigger"] = json.dumps(event)
    return answer


def _refused(request: AgentRequest, number: int, words: str) -> HttpResponse:
    """Answer ``words``, unless a step before has changed something."""
    if undoing.goes_on(request.POST):
        words = _("Only a part was taken back.")
    return refused(request, f"/conversations/{number}", words)


def _out_of_sight(request: AgentRequest, name: str, before: Conversation) -> HttpResponse:
    """Answer what became of a conversation that the agent has given away; it is theirs no more to take back.

    Where the act has not done that, there is none for them.
    """
    after = Conversation.objects.select_related("team", "assignee").get(pk=before.pk)
    said_of_it = said.of_one(request.agent, name, before, after)
    if said_of_it is None:
        raise Http404
    words = _("%(done)s. You can no longer see this conversation.") % {"done": said_of_it[0]}
    toast = undoing.toast(words, [])
    if not by_script(request):
        return sent_on(request, "/", toast)
    beside = {"rapport:refresh-list": True, "rapport:out-of-sight": before.number}
    return undoing.told(toast | beside)


def _event(
    request: AgentRequest, name: str, before: Conversation, after: Conversation, *, crossed: bool
) -> dict[str, Any] | None:
    """Return what the screen says beside the header."""
    if undoing.takes_back(request.POST):
        return undoing.complaint(_crossed(request)) if crossed else None
    told = None if crossed else said.of_one(request.agent, name, before, after)
    return undoing.toast(*told) if told else None


def _event_without_header(request: AgentRequest, conflict: list[EntryView]) -> dict[str, Any] | None:
    """Return what is said where a script would only show the header: who was faster, or that it is undone."""
    if conflict:
        words = [_("Somebody was faster. Nothing was changed; look at what happened:")]
        return undoing.complaint(
            " ".join(words + [f"{each.actor_name} {each.sentence}." for each in conflict])
        )
    return undoing.toast(_("Taken back."), []) if undoing.takes_back(request.POST) else None


def _crossed(request: AgentRequest) -> str:
    if undoing.goes_on(request.POST):
        return _("Somebody else has changed this meanwhile. Only a part was taken back.")
    return _("Somebody else has changed this meanwhile. Nothing was taken back.")


@act("status")
def _status(request: AgentRequest, found: Conversation, token: int | None) -> None:
    set_status(
        agent=request.agent,
        conversation_id=found.pk,
        status=Status(request.POST["status"]),
        token=token,
        only_from=still(request),
    )


@act("assign")
def _assign(request: AgentRequest, found: Conversation, token: int | None) -> None:
    assigning(request)(agent=request.agent, conversation_id=found.pk, token=token)


@act("priority")
def _priority(request: AgentRequest, found: Conversation, token: int | None) -> None:
    priority = Priority(int(request.POST["priority"]))
    set_priority(agent=request.agent, conversation_id=found.pk, priority=priority, token=token)


@act("kind")
def _kind(request: AgentRequest, found: Conversation, token: int | None) -> None:
    set_kind(agent=request.agent, conversation_id=found.pk, kind=Kind(request.POST["kind"]), token=token)


@act("customer")
def _customer(request: AgentRequest, found: Conversation, _token: int | None) -> None:
    if not request.agent.can(Permission.ORGANISE):
        raise Forbidden(Permission.ORGANISE)
    identity = _offered(found, request)
    set_customer(agent=request.agent, conversation_id=found.pk, customer=identity.customer, identity=identity)


def _offered(found: Conversation, request: AgentRequest) -> Identity:
    """Return the person chosen, who must be one that the conversation itself offers."""
    message = Message.objects.filter(
        pk=whole_number(request.POST.get("message")) or 0, conversation=found
    ).first()
    if message is not None and (first := message.reason("forwarded")):
        return identify(value=first["address"], name=first.get("name", ""), at=now()).identity
    chosen = Identity.objects.select_related("customer").filter(
        customer_id=whole_number(request.POST.get("customer")) or 0,
        kind="email",
        value=found.identity.value if found.identity else "",
    )
    identity = chosen.first()
    if identity is None:
        raise ValueError("not offered")
    return identity


@act("subject")
def _subject(request: AgentRequest, found: Conversation, token: int | None) -> None:
    set_subject(
        agent=request.agent, conversation_id=found.pk, subject=request.POST.get("subject", ""), token=token
    )


@act("tags")
def _tags(request: AgentRequest, found: Conversation, token: int | None) -> None:
    add = [*request.POST.getlist("add"), *request.POST.getlist("add_new")]
    remove = request.POST.getlist("remove")
    change_tags(agent=request.agent, conversation_id=found.pk, add=add, remove=remove, token=token)


@act("snooze")
def _snooze(request: AgentRequest, found: Conversation, token: int | None) -> None:
    named, at = request.POST.get("until", ""), request.POST.get("until_at", "")
    if not named and not at:
        wake(agent=request.agent, conversation_id=found.pk, token=token)
        return
    snooze(agent=request.agent, conversation_id=found.pk, until=moment_of(named or at), token=token)


@act("follow")
def _follow(request: AgentRequest, found: Conversation, _token: int | None) -> None:
    follow_action(agent=request.agent, conversation=found, following=not follows(request.agent, found))


@act("unread")
def _unread(request: AgentRequest, found: Conversation, _token: int | None) -> None:
    mark_unread(agent=request.agent, conversation=found)


@act("read")
def _read(request: AgentRequest, found: Conversation, _token: int | None) -> None:
    seq = whole_number(request.POST.get("seq"))
    mark_read(agent=request.agent, conversation=found, seq=found.last_seq if seq is None else seq)
    heard(agent=request.agent, conversation_number=found.number)


@act("spam")
def _spam(request: AgentRequest, found: Conversation, token: int | None) -> None:
    spam = _flag(request, "spam", otherwise=not found.spam)
    spam_actions.mark_spam(agent=request.agent, conversation_id=found.pk, spam=spam, token=token)


@act("delete")
def _delete(request: AgentRequest, found: Conversation, token: int | None) -> None:
    wanted = _flag(request, "delete", otherwise=found.deleted_at is None)
    move = spam_actions.delete if wanted else spam_actions.restore
    move(agent=request.agent, conversation_id=found.pk, token=token)


def _flag(request: AgentRequest, name: str, *, otherwise: bool) -> bool:
    """Return what the form says, as the one that takes something back does; else the other way round."""
    return request.POST[name] == "1" if name in request.POST else otherwise
