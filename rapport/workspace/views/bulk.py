"""One act on many conversations."""

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.conversations.actions import spam as spam_actions
from rapport.conversations.actions.assign import NotAssignable, assign, assign_team
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.organise import set_priority
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.snooze import NotInFuture, snooze, wake
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import Conversation, Priority, Status
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import NotFound, may_see
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Permission
from rapport.workspace import said, undoing
from rapport.workspace.choices import choices
from rapport.workspace.refusals import refusal
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.snoozing import snooze_choices
from rapport.workspace.views.state import moment_of, still

MOST = 200
FIELDS = ("status", "tag", "untag", "until_at", "team", "agent", "priority", "spam")


@door(Permission.ORGANISE)
@require_http_methods(["GET", "POST"])
def bulk(request: AgentRequest) -> HttpResponse:
    """Answer what can be done to chosen rows, or do it."""
    if request.method == "GET":
        return render.block(
            request, "workspace/bulk.html", "acts", bulk=choices(), snooze_choices=snooze_choices()
        )
    return change(request)


def change(request: AgentRequest) -> HttpResponse:
    """Do one act to each of the chosen conversations; says what was done to how many.

    Each is a transaction of its own: one that fails leaves the others done, and is counted.
    """
    seen = _seen(request)
    try:
        act = _act(request)
    except (ValueError, NotAssignable):
        return refusal(_("This cannot be done. Nothing was changed."))
    if act is None or not seen:
        return refusal(_("Nothing was chosen. Nothing was changed."))
    before = {each.number: each for each in Conversation.objects.filter(pk__in=_pks(seen))}
    changed: dict[int, Conversation] = {}
    for number, token in seen.items():
        try:
            changed[number] = act(number - FIRST_NUMBER, token)
        except (NotFound, Forbidden, NotAssignable, NotInFuture, Conflict):
            continue
    if not by_script(request):
        return HttpResponseRedirect("/")
    failed = len(set(request.POST.getlist("number"))) - len(changed)
    event = _event(request, before, changed, failed=failed) | {"rapport:refresh-list": True}
    return undoing.told(event)


def _seen(request: AgentRequest) -> dict[int, int | None]:
    """Return the numbers that were chosen, each with its token where there is one."""
    given = zip_longest(request.POST.getlist("number")[:MOST], request.POST.getlist("token")[:MOST])
    read = ((whole_number(number), whole_number(token)) for number, token in given)
    return {number: token for number, token in read if number is not None}


def _event(
    request: AgentRequest, before: dict[int, Conversation], changed: dict[int, Conversation], *, failed: int
) -> dict[str, Any]:
    """Return what the screen says: what was done to how many, with what takes it back."""
    missed = _("%(count)s could not be changed") % {"count": failed}
    if undoing.takes_back(request.POST):
        return undoing.complaint(missed) if failed else {}
    # What was given to a team of others is out of the agent's hands.
    within = [before[number] for number, now in changed.items() if may_see(request.agent, now)]
    field = next(name for name in FIELDS if name in request.POST)
    words = said.of_many(field, request.POST[field], list(changed.values()))
    steps = undoing.many_again(within, field, request.POST[field])
    return undoing.toast(f"{words} · {missed}" if failed else words, steps)


def _pks(numbers: Iterable[int]) -> list[int]:
    return [number - FIRST_NUMBER for number in numbers]


def _act(request: AgentRequest) -> Callable[[int, int | None], Conversation] | None:
    agent, given = request.agent, request.POST
    if "status" in given:
        status, before = Status(given["status"]), still(request)
        return lambda pk, token: set_status(
            agent=agent, conversation_id=pk, status=status, token=token, only_from=before
        )
    if "tag" in given:
        return lambda pk, token: change_tags(agent=agent, conversation_id=pk, add=[given["tag"]], token=token)
    if "untag" in given:
        return lambda pk, token: change_tags(
            agent=agent, conversation_id=pk, remove=[given["untag"]], token=token
        )
    if "until_at" in given:
        if not given["until_at"]:
            return lambda pk, token: wake(agent=agent, conversation_id=pk, token=token)
        until = moment_of(given["until_at"])
        return lambda pk, token: snooze(agent=agent, conversation_id=pk, until=until, token=token)
    if "team" in given:
        team = Team.objects.filter(pk=whole_number(given["team"]) or 0, archived=False).first()
        if team is None:
            raise ValueError
        return lambda pk, token: assign_team(agent=agent, conversation_id=pk, team=team, token=token)
    if "agent" in given:
        person = (
            Agent.objects.filter(pk=whole_number(given["agent"]) or 0).first() if given["agent"] else None
        )
        if given["agent"] and person is None:
            raise ValueError
        return lambda pk, token: assign(agent=agent, conversation_id=pk, assignee=person, token=token)
    if "priority" in given:
        priority = Priority(int(given["priority"]))
        return lambda pk, token: set_priority(agent=agent, conversation_id=pk, priority=priority, token=token)
    if "spam" in given:
        spam = given["spam"] != "0"
        return lambda pk, token: spam_actions.mark_spam(
            agent=agent, conversation_id=pk, spam=spam, token=token
        )
    return None
