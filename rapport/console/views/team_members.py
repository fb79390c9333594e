"""Who is in a team, changed on its own page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from rapport.console.requests import agent_of, attempt, found
from rapport.kernel.web.door import door
from rapport.staff.actions.set_groups import join_team, leave_team
from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Permission
from rapport.staff.queries.people import agents

JOINED = _("%(name)s is in the team.")
LEFT = _("%(name)s is no longer in the team.")


@door(Permission.PEOPLE)
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody into the team."""
    return _change(request, pk, join_team, JOINED)


@door(Permission.PEOPLE)
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody out of the team."""
    return _change(request, pk, leave_team, LEFT)


def _change(request: HttpRequest, pk: int, change: Callable[..., None], words: Promise) -> HttpResponse:
    team, agent = found(Team.objects.all(), pk), _chosen(request)
    address = reverse("console:team", args=[team.pk])
    if agent is None:
        messages.error(request, gettext("Choose somebody. Nothing was changed."))
        return HttpResponseRedirect(address)
    return attempt(
        request,
        lambda: change(actor=agent_of(request), agent=agent, team=team),
        str(words) % {"name": agent.name},
        address,
    )


def _chosen(request: HttpRequest) -> Agent | None:
    chosen = request.POST.get("agent", "")
    usable = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
    return agents().filter(pk=int(chosen)).first() if usable else None
