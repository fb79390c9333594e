"""Opens or refuses every route by its declared door, and says who is working."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode

from rapport.kernel.web import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.doors import CLOSED, door_of
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def agent_of(request: HttpRequest) -> Agent | None:
    """Return the active agent who is signed in, or None. Two queries: the session, and account with agent."""
    account = request.user
    if not account.is_authenticated:
        return None
    agent: Agent | None = getattr(account, "agent", None)
    return agent if agent is not None and agent.active else None


def speak_to_asker(request: HttpRequest) -> None:
    """Take the language of who is signed in, where an answer is made that no door has been asked for."""
    agent = agent_of(request) if hasattr(request, "user") else None
    if agent is not None:
        _speak_to(agent)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Answer that sends a stranger to the sign-in page and back; a script is told by 401."""
    address = reverse(settings.LOGIN_URL)
    if by_script(request):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
    return HttpResponseRedirect(address)


class DoorMiddleware:
    """Sets ``request.agent``, ``request.held``, language and time zone; a route without a door is refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; the time zone never outlives it."""
        request.agent = None  # type: ignore[attr-defined]
        request.held = False  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Refuse the call unless the caller may use the view's door.

        Raises:
            PermissionDenied: no door is declared, or the role lacks the permission.
            Http404: the route is closed.

        """
        match = request.resolver_match
        needed = door_of(view, match.view_name if match else None)
        if needed is None:
            raise PermissionDenied("this route declares no door")
        if needed == CLOSED:
            raise Http404
        if needed in {door.PUBLIC, door.HOOK}:
            return None
        if not request.user.is_authenticated:
            return sign_in_first(request)
        agent = agent_of(request)
        if agent is None:
            raise PermissionDenied("this account belongs to no active member of staff")
        request.agent = agent  # type: ignore[attr-defined]
        request.held = getattr(request.user, "held", False)  # type: ignore[attr-defined]
        _speak_to(agent)
        if needed != door.SIGNED_IN and not agent.can(Permission(needed)):
            raise PermissionDenied("this role may not do that")
        return None


def _speak_to(agent: Agent) -> None:
    translation.activate(agent.language)
    try:
        timezone.activate(ZoneInfo(agent.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        timezone.deactivate()
