"""“Who do you want to be?”: one click signs in as somebody of the demo's staff."""

from dataclasses import dataclass

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from rapport.demo.doors import demo_only
from rapport.kernel.web.render import page
from rapport.staff.models import Agent
from rapport.staff.roles import Role

BACKEND = "rapport.staff.backend.AccountBackend"
TRY = {
    Role.REPRESENTATIVE: _("Answer a customer, solve the conversation, snooze the next one."),
    Role.SPECIALIST: _("Search a whole brand, forward a case to a supplier, log a phone call."),
    Role.TEAM_LEAD: _("Empty the trays, hand work to the team, write canned replies."),
    Role.MANAGER: _("See every conversation, the people and teams, the audit list."),
    Role.ADMINISTRATOR: _("Look at inboxes, brands, queues and all the settings."),
    Role.QA_ANALYST: _("Read everything and leave kind notes, without answering customers."),
    Role.COLLABORATOR: _("See only where a colleague asked for you, and answer with a note."),
}
ORDER = tuple(TRY)


@dataclass(frozen=True)
class Card:
    """One person to be."""

    agent: Agent
    role: str
    teams: str
    to_try: str | Promise


@demo_only
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody on the demo's staff, with what to try as them."""
    agents = Agent.objects.filter(active=True, account__is_active=True).prefetch_related("teams")
    ordered = sorted(agents, key=lambda agent: (ORDER.index(Role(agent.role)), agent.pk))
    cards = [
        Card(
            agent,
            str(Role(agent.role).label),
            ", ".join(team.name for team in agent.teams.all()),
            TRY[Role(agent.role)],
        )
        for agent in ordered
    ]
    return page(request, "demo/people.html", cards=cards, next=_next(request))


@demo_only
@require_POST
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign in as the person of the card."""
    agent = (
        Agent.objects.select_related("account").filter(pk=pk, active=True, account__is_active=True).first()
    )
    if agent is None:
        raise Http404
    login(request, agent.account, backend=BACKEND)
    return HttpResponseRedirect(_next(request) or "/")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""
