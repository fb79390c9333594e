"""The bell list of an agent."""

from rapport.notifications.models import About, Notification, Preference
from rapport.staff.models import Agent

PAGE = 50
MOST = 99


def latest(agent: Agent, *, before_id: int | None = None) -> list[Notification]:
    """Return the agent's newest notifications, a page of 50, older than ``before_id`` where it is given."""
    found = Notification.objects.filter(agent=agent).select_related("by", "inbox")
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    return list(found.order_by("-pk")[:PAGE])


def unread_count(agent: Agent) -> int:
    """Return how many are unread, at most 100 counted."""
    return Notification.objects.filter(agent=agent, read_at=None)[: MOST + 1].count()


def newest_for_desktop(agent: Agent) -> Notification | None:
    """Return the newest unread notification that the agent wants on the desktop, or None."""
    silent = Preference.objects.filter(agent=agent, desktop=False).values("about")
    unread = Notification.objects.filter(agent=agent, read_at=None).exclude(about__in=silent)
    return unread.select_related("by", "inbox").order_by("-pk").first()


def preferences(agent: Agent) -> dict[About, Preference]:
    """Return how the agent wants to be told of each thing, with the defaults where nothing was chosen."""
    chosen = {About(each.about): each for each in Preference.objects.filter(agent=agent)}
    return {about: chosen.get(about) or Preference(agent=agent, about=about) for about in About}
