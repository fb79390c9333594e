"""The bell: list, count, marking as read."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from rapport.kernel.sentences import say
from rapport.kernel.web import render
from rapport.kernel.web.door import SIGNED_IN, door
from rapport.notifications.actions.notify import notification_path
from rapport.notifications.actions.read import mark_read
from rapport.notifications.models import Notification
from rapport.notifications.queries import MOST, PAGE, latest, newest_for_desktop, unread_count
from rapport.notifications.sentences import sentence
from rapport.staff.models import Agent

ICONS = {
    "assigned": "user-check",
    "mentioned": "at-sign",
    "answered": "mail",
    "failed": "mail-x",
    "inbox": "mail-warning",
}


def _agent(request: HttpRequest) -> Agent:
    agent: Agent = request.agent  # type: ignore[attr-defined]
    return agent


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


@door(SIGNED_IN)
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Show the agent's notifications, newest first."""
    found = latest(_agent(request), before_id=_number(request.GET.get("before")))
    return render.page(
        request,
        "notifications/list.html",
        lines=[_line(each) for each in found],
        unread=unread_count(_agent(request)),
        next_url=f"{request.path}?before={found[-1].pk}" if len(found) == PAGE else None,
    )


def _line(notification: Notification) -> dict[str, object]:
    return {
        "id": notification.pk,
        "icon": ICONS[notification.about],
        "sentence": sentence(notification),
        "url": notification_path(notification),
        "at": notification.at,
        "unread": notification.read_at is None,
        "trouble": say(notification.inbox.trouble) if notification.inbox else "",
    }


@door(SIGNED_IN)
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Answer the number in the bell, and what a desktop notification would say."""
    unread = unread_count(_agent(request))
    newest = newest_for_desktop(_agent(request)) if unread else None
    return render.page(
        request,
        "notifications/count.html",
        unread=f"{MOST}+" if unread > MOST else str(unread),
        newest=None if newest is None else _line(newest),
    )


@door(SIGNED_IN)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one as read (``id``), those of a conversation (``conversation``), or all."""
    mark_read(
        agent=_agent(request),
        notification_id=_number(request.POST.get("id")),
        conversation_number=_number(request.POST.get("conversation")),
    )
    if "HX-Request" in request.headers:
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("notifications:list"))
