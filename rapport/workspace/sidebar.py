"""The views in the rail, with their counts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from rapport.channels.ingest.trays import COUNTED
from rapport.conversations.models import Folder
from rapport.conversations.queries import lists
from rapport.conversations.queries.access import raw_rows_for
from rapport.inboxes.models import Outcome
from rapport.kernel.web.addresses import address
from rapport.staff.models import Agent, Team
from rapport.staff.permissions import Permission, Reach
from rapport.staff.queries.people import active_teams


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One entry of the rail. ``count`` None shows none; ``counts`` says of which rows, if not of all."""

    key: str
    label: str
    icon: str
    url: str
    count: str | int | None = None
    current: bool = False
    counts: str = ""


Pair = tuple[lists.View, ViewLink]


def views_for(agent: Agent, teams: Iterable[Team]) -> list[Pair]:
    """Return the standard views of this agent, in the order of the rail; ``teams`` are those that work."""
    found = [
        *([_view("mine", _("Mine"), "user-round")] if agent.can(Permission.REPLY) else ()),
        _view("unassigned", _("Unassigned"), "inbox"),
        *(_team_view(team) for team in teams if agent.reach is Reach.ALL or team.pk in agent.team_ids()),
        _view("all", _("All open"), "layers"),
        _view("mentions", _("Mentions"), "at-sign"),
        _view("waiting", _("Waiting for customer"), "hourglass", Folder.WAITING),
        _view("snoozed", _("Snoozed"), "moon-star", Folder.SNOOZED),
        _view("solved", _("Solved"), "circle-check", Folder.SOLVED),
        _view("spam", _("Spam"), "shield-alert", Folder.SPAM),
    ]
    if agent.can(Permission.TRAYS):
        found.append(_view("failed", _("Not delivered"), "triangle-alert"))
    if agent.can(Permission.DELETE):
        found.append(_view("deleted", _("Deleted"), "trash-2", Folder.DELETED))
    if agent.reach is Reach.MENTIONED:
        return [pair for pair in found if pair[1].key == "mentions"]
    return found


def rail(
    agent: Agent, current: str = "", *, counted: bool = True, views: list[Pair] | None = None
) -> tuple[ViewLink, ...]:
    """Return the rail; counts are one statement, and only of views that call for work."""
    pairs = views_for(agent, active_teams()) if views is None else views
    asked = [view for view, link in pairs if link.key not in {"mentions", "solved", "spam", "deleted"}]
    counts = dict(zip(asked, lists.counts(agent, asked), strict=True)) if counted else {}
    links = []
    for view, link in pairs:
        count = lists.unread_mentions(agent) if view.key == "mentions" and counted else counts.get(view)
        links.append(replace(link, count=capped(count), current=link.key == current))
    if agent.can(Permission.TRAYS):
        waiting = tray_count(agent) if counted else None
        url, sign, words = address("trays"), "archive", _("Waiting for a decision")
        links.append(ViewLink("trays", _("Trays"), sign, url, capped(waiting), current == "trays", words))
    return tuple(links)


def tray_count(agent: Agent, outcomes: Iterable[Outcome] = COUNTED) -> int:
    """Return how many raw rows of the agent's reach came out so, by default waiting for a decision."""
    return raw_rows_for(agent).filter(outcome__in=outcomes)[: lists.COUNT_CAP].count()


def capped(count: int | None) -> str | int | None:
    """Return a count as people read it: nothing for none, 999+ for many."""
    if not count:
        return None
    return "999+" if count >= lists.COUNT_CAP else count


def _view(key: str, label: str, icon: str, folder: Folder = Folder.OPEN) -> tuple[lists.View, ViewLink]:
    scope = key if key in {"mine", "unassigned", "mentions", "failed"} else "all"
    counts = _("Not looked at yet") if key == "mentions" else ""
    link = ViewLink(key, label, icon, address("inbox-view", key), counts=counts)
    return lists.View(scope, folder), link


def _team_view(team: Team) -> tuple[lists.View, ViewLink]:
    key = f"team-{team.pk}"
    link = ViewLink(key, team.name, "users", address("inbox-view", key))
    return lists.View(key, Folder.OPEN, team.pk), link
