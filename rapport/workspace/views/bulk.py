"""One act on many conversations."""

import json
from collections.abc import Callable

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from rapport.conversations.actions import spam as spam_actions
from rapport.conversations.actions.assign import NotAssignable, assign, assign_team
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.snooze import NotInFuture, snooze
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.models import Conversation, Status
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import NotFound, may_see
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Permission
from rapport.workspace import undoing
from rapport.workspace.choices import choices
from rapport.workspace.refusals import refusal
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.views.state import moment_of, still

MOST = 200
UNDOABLE = ("status", "tag", "team", "agent", "spam")


@door(Permission.ORGANISE)
@require_http_methods(["GET", "POST"])
def bulk(request: AgentRequest) -> HttpResponse:
    """Answer what can be done to chosen rows, or do it."""
    if request.method == "GET":
        return render.block(request, "workspace/bulk.html", "acts", bulk=choices())
    return change(request)


def change(request: AgentRequest) -> HttpResponse:
    """Assign, tag or set the status of the chosen conversations; says how many were changed.

    Each is a transaction of its own: one that fails leaves the others done, and is counted.
    """
    numbers = [n for n in map(whole_number, request.POST.getlist("number")[:MOST]) if n is not None]
    try:
        act = _act(request)
    except (ValueError, NotAssignable):
        return refusal(_("This cannot be done. Nothing was changed."))
    if act is None or not numbers:
        return refusal(_("Nothing was chosen. Nothing was changed."))
    before = {each.number: each for each in Conversation.objects.filter(pk__in=_pks(numbers))}
    changed: dict[int, Conversation] = {}
    for number in numbers:
        try:
            changed[number] = act(number - FIRST_NUMBER)
        except (NotFound, Forbidden, NotAssignable, NotInFuture):
            continue
    done = len(changed)
    words = ngettext("%(done)s conversation changed", "%(done)s conversations changed", done) % {"done": done}
    if done < len(numbers):
        words += " · " + _("%(count)s could not be changed") % {"count": len(numbers) - done}
    if not by_script(request):
        return HttpResponseRedirect("/")
    # What was given to a team of others is out of the agent's hands.
    within = [before[number] for number, now in changed.items() if may_see(request.agent, now)]
    field = next((name for name in UNDOABLE if name in request.POST), None)
    steps = undoing.many_again(within, field, request.POST[field]) if field else []
    trigger = undoing.toast(words, steps) | {"rapport:refresh-list": True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(trigger)})


def _pks(numbers: list[int]) -> list[int]:
    return [number - FIRST_NUMBER for number in numbers]


def _act(request: AgentRequest) -> Callable[[int], Conversation] | None:
    agent, given = request.agent, request.POST
    if "status" in given:
        status, before = Status(given["status"]), still(request)
        return lambda pk: set_status(agent=agent, conversation_id=pk, status=status, only_from=before)
    if "tag" in given:
        return lambda pk: change_tags(agent=agent, conversation_id=pk, add=[given["tag"]])
    if "untag" in given:
        return lambda pk: change_tags(agent=agent, conversation_id=pk, remove=[given["untag"]])
    if "until_at" in given:
        until = moment_of(given["until_at"])
        return lambda pk: snooze(agent=agent, conversation_id=pk, until=until)
    if "team" in given:
        team = Team.objects.filter(pk=whole_number(given["team"]) or 0, archived=False).first()
        if team is None:
            raise ValueError
        return lambda pk: assign_team(agent=agent, conversation_id=pk, team=team)
    if "agent" in given:
        person = (
            Agent.objects.filter(pk=whole_number(given["agent"]) or 0).first() if given["agent"] else None
        )
        if given["agent"] and person is None:
            raise ValueError
        return lambda pk: assign(agent=agent, conversation_id=pk, assignee=person)
    if "spam" in given:
        spam = given["spam"] != "0"
        return lambda pk: spam_actions.mark_spam(agent=agent, conversation_id=pk, spam=spam)
    return None
