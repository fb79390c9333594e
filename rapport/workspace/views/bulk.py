"""One act on many conversations."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from rapport.conversations.actions.assign import NotAssignable
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.snooze import NotInFuture
from rapport.conversations.conflicts import Conflict
from rapport.conversations.models import Conversation
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import NotFound, may_see
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.permissions import Permission
from rapport.workspace import undoing
from rapport.workspace.choices import choices
from rapport.workspace.many import ActOnMany, Changed, act_of
from rapport.workspace.refusals import refusal
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.snoozing import snooze_choices

MOST = 200
LOOK_AGAIN = {"rapport:refresh-list": True}


@door(Permission.ORGANISE)
@require_http_methods(["GET", "POST"])
def bulk(request: AgentRequest) -> HttpResponse:
    """Answer what can be done to chosen rows, or do it."""
    if request.method == "GET":
        return render.block(
            request,
            "workspace/bulk.html",
            "acts",
            bulk=choices(),
            snooze_choices=snooze_choices(),
            among_spam=request.GET.get("view") == "spam",
        )
    return change(request)


def change(request: AgentRequest) -> HttpResponse:
    """Do one act to each of the chosen conversations; says what was done to how many.

    Each is a transaction of its own: one that fails leaves the others done, and is counted.
    """
    seen, act = _seen(request), act_of(request.POST)
    if act is None or not seen:
        return refusal(_("Nothing was chosen. Nothing was changed."))
    try:
        doing = act.doing(request)
    except ValueError:
        return refusal(_("This cannot be done. Nothing was changed."))
    before = Conversation.objects.in_bulk(_pks(seen))
    done: Changed = []
    for number, token in seen.items():
        pk = number - FIRST_NUMBER
        try:
            after = doing(agent=request.agent, conversation_id=pk, token=token)
        except (NotFound, Forbidden, NotAssignable, NotInFuture, Conflict):
            continue
        done.append((before[pk], after))
    if not by_script(request):
        return HttpResponseRedirect("/")
    failed = len(set(request.POST.getlist("number"))) - len(done)
    return undoing.told(_event(request, act, done, failed=failed))


def _seen(request: AgentRequest) -> dict[int, int | None]:
    """Return the numbers that were chosen, each with its token where there is one."""
    given = zip_longest(request.POST.getlist("number")[:MOST], request.POST.getlist("token")[:MOST])
    read = ((whole_number(number), whole_number(token)) for number, token in given)
    return {number: token for number, token in read if number is not None}


def _event(request: AgentRequest, act: ActOnMany, done: Changed, *, failed: int) -> dict[str, Any]:
    """Return what the screen does: say what was done to how many, with what takes it back, and look again.

    What is still in the list stays selected. Whoever takes something back looks again after the last step.
    """
    missed = [_("%(count)s could not be changed") % {"count": failed}] if failed else []
    if undoing.takes_back(request.POST):
        return undoing.complaint(*missed) if missed else {}
    changed = [(old, new) for old, new in done if act.changed(old, new)]
    if not changed and not failed:
        return undoing.toast(_("It was so already. Nothing was changed."), []) | LOOK_AGAIN
    words = [act.words(len(changed), request.POST[act.field], changed[0][1])] if changed else []
    # What was given to a team of others is out of the agent's hands.
    within = [(old, new) for old, new in changed if may_see(request.agent, new)]
    steps = act.again(within) if within else []
    said = " · ".join(words + _so_already(len(done) - len(changed)) + missed)
    return undoing.toast(said, steps) | LOOK_AGAIN


def _so_already(count: int) -> list[str]:
    words = ngettext("%(count)s was so already", "%(count)s were so already", count)
    return [words % {"count": count}] if count else []


def _pks(numbers: Iterable[int]) -> list[int]:
    return [number - FIRST_NUMBER for number in numbers]
