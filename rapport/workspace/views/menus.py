"""What can be chosen in a conversation: fetched when a menu is opened, not with every page."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from rapport.kernel.web import render
from rapport.kernel.web.door import SIGNED_IN, door
from rapport.kernel.web.scripted import by_script
from rapport.staff.permissions import Permission
from rapport.workspace import choices
from rapport.workspace.requests import AgentRequest, load
from rapport.workspace.sidebar import rail
from rapport.workspace.snoozing import snooze_choices
from rapport.workspace.views.conversation import view_of

MENUS = frozenset({"status", "assign", "priority", "tags", "snooze", "more"})


@door(Permission.READ)
@require_GET
def menu(request: AgentRequest, number: int, which: str) -> HttpResponse:
    """Answer what one menu offers; as a page of its own to a browser without scripts."""
    if which not in MENUS:
        raise Http404
    context: dict[str, Any] = {
        "conversation": view_of(request, load(request, number)),
        "choices": choices.choices(),
        "snooze_choices": snooze_choices() if which == "snooze" else [],
    }
    if by_script(request):
        return render.page(request, f"workspace/menus/{which}.html", **context)
    return render.page(
        request, "workspace/menus/page.html", menu=which, views=rail(request.agent, counted=False), **context
    )


@door(Permission.READ)
@require_GET
def colleagues(_request: AgentRequest) -> HttpResponse:
    """Answer who can be mentioned, as JSON, for the scripts of the desk."""
    answer = JsonResponse({"colleagues": choices.colleagues()})
    answer["Cache-Control"] = "private, max-age=300"
    return answer


@door(SIGNED_IN)
@require_GET
def account(request: AgentRequest) -> HttpResponse:
    """Answer the menu under one's own name; as a page of its own to a browser without scripts."""
    whole = not by_script(request)
    views = rail(request.agent, counted=False) if whole else ()
    return render.page(request, "ui/account_menu.html", whole=whole, views=views)
