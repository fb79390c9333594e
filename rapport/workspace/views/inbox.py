"""The lists."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from rapport.conversations.queries import lists
from rapport.kernel.web import render
from rapport.kernel.web.door import SIGNED_IN, door
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach
from rapport.staff.queries.people import active_teams
from rapport.staff.queries.topics import topics_of
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.rows import rows_of
from rapport.workspace.sidebar import rail, views_for

TEMPLATE = "workspace/inbox.html"
_PARTS = {"list": "list", "rows": "rows"}
MOST_ROWS = 200
"""As many as one act on many takes."""


@door(SIGNED_IN)
@require_GET
def home(request: AgentRequest) -> HttpResponse:
    """Open the view that fits the agent's role."""
    if not request.agent.can(Permission.REPLY):
        key = "all" if request.agent.reach is Reach.ALL else "mentions"
        return HttpResponseRedirect(reverse("inbox-view", args=[key]))
    return show(request, "mine")


@door(Permission.READ)
@require_GET
def inbox(request: AgentRequest, key: str) -> HttpResponse:
    """Show one view; ``part`` asks for the list or further rows alone."""
    return show(request, key)


def show(request: AgentRequest, key: str) -> HttpResponse:
    """Answer a view or a part of it."""
    teams = active_teams()
    views = views_for(request.agent, teams)
    found = next((pair for pair in views if pair[1].key == key), None)
    if found is None:
        raise Http404
    view, link = found
    sort = "oldest" if request.GET.get("sort") == "oldest" else "newest"
    cursor = lists.Cursor.read(request.GET.get("after", ""))
    page, after = lists.page(
        request.agent, view, cursor=cursor, oldest_first=sort == "oldest", size=_size(request)
    )
    context: dict[str, Any] = {
        "rows": rows_of(page),
        "view": link,
        "sort": sort,
        "next_url": f"{link.url}?{urlencode({'sort': sort, 'after': str(after)})}" if after else "",
        "waiting": _unassigned(request.agent) if key == "mine" and not page and not cursor else 0,
    }
    part = _PARTS.get(request.GET.get("part", ""))
    if part == "rows":
        return render.block(request, TEMPLATE, part, **context)
    context |= {
        "topics": topics_of(request.agent, teams),
        "may_organise": request.agent.can(Permission.ORGANISE),
    }
    if part:
        return render.block(request, TEMPLATE, part, **context)
    return render.page(
        request, TEMPLATE, views=rail(request.agent, link.key, counted=False, views=views), **context
    )


def _size(request: AgentRequest) -> int:
    """Return how many rows are asked for: a screen that loaded several pages looks again at all of them."""
    return max(lists.PAGE, min(MOST_ROWS, whole_number(request.GET.get("size")) or lists.PAGE))


def _unassigned(agent: Agent) -> int:
    return lists.counts(agent, [lists.View("unassigned")])[0]


@door(Permission.READ)
@require_GET
def counts(request: AgentRequest) -> HttpResponse:
    """Answer the rail with its counts, fetched apart from the list so that no list waits for them."""
    views = rail(request.agent, request.GET.get("current", ""))
    return render.block(request, "ui/agent_shell.html", "counts", views=views)
