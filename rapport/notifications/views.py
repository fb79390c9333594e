"""The bell: list, count, marking as read."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import visible_rows
from rapport.conversations.queries.lists import rows_for
from rapport.conversations.queries.unsent import unsent
from rapport.inboxes.queries.untaken import Waiting, state_words, untaken
from rapport.kernel.web import render
from rapport.kernel.web.door import SIGNED_IN, door
from rapport.notifications.actions.notify import notification_path
from rapport.notifications.actions.read import mark_read
from rapport.notifications.models import About, Notification
from rapport.notifications.queries import MOST, PAGE, latest, newest_for_desktop, unread_count
from rapport.notifications.sentences import sentence
from rapport.staff.models import Agent
from rapport.staff.queries.topics import topics_of

ICONS: dict[About, str] = {
    About.ASSIGNED: "user-check",
    About.MENTIONED: "at-sign",
    About.ANSWERED: "mail",
    About.FORWARD: "forward",
    About.FAILED: "mail-x",
    About.INBOX: "mail-warning",
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
    waiting = (untaken(), unsent()) if any(each.inbox for each in found) else ()
    about = _conversations(_agent(request), found)
    return render.page(
        request,
        "notifications/list.html",
        lines=[_line(each, *waiting, about=about) for each in found],
        unread=unread_count(_agent(request)),
        next_url=f"{request.path}?before={found[-1].pk}" if len(found) == PAGE else None,
    )


def _conversations(agent: Agent, found: Sequence[Notification]) -> dict[int, str]:
    """Return subject and customer by number, of the conversations that the agent may see now."""
    numbers = {each.conversation_number for each in found if each.conversation_number}
    rows = visible_rows(agent, rows_for(agent, [number - FIRST_NUMBER for number in numbers]))
    return {
        row["pk"] + FIRST_NUMBER: " · ".join(filter(None, (row["subject"], row["customer__name"])))
        for row in rows
    }


def _line(
    notification: Notification, *waiting: Mapping[int, Waiting], about: Mapping[int, str] | None = None
) -> dict[str, object]:
    trouble = state_words(notification.inbox, *waiting) if notification.inbox else ""
    return {
        "id": notification.pk,
        "icon": ICONS[About(notification.about)],
        "sentence": sentence(notification),
        "url": notification_path(notification),
        "at": notification.at,
        "unread": notification.read_at is None,
        "detail": trouble or (about or {}).get(notification.conversation_number or 0, ""),
    }


@door(SIGNED_IN)
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Answer the number in the bell, what a desktop notification would say, and what moves both."""
    unread = unread_count(_agent(request))
    newest = newest_for_desktop(_agent(request)) if unread else None
    return render.page(
        request,
        "notifications/count.html",
        topics=topics_of(_agent(request)),
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
