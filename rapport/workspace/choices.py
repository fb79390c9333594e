"""What the menus of the workspace offer."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from rapport.conversations.models import Kind, Priority, Status, Tag
from rapport.kernel.db.prepared import prepared
from rapport.staff.models import Agent
from rapport.staff.permissions import ROLE_PERMISSIONS, Permission
from rapport.staff.queries.people import active_teams
from rapport.staff.roles import Role

MOST_TAGS = 100
_ANSWERING = [role.value for role in Role if Permission.REPLY in ROLE_PERMISSIONS[role]]
_SETTABLE = (Status.OPEN, Status.WAITING, Status.ON_HOLD, Status.SOLVED)


@dataclass(frozen=True)
class Named:
    """Somebody or some team to choose."""

    id: int
    name: str


@dataclass(frozen=True)
class Choices:
    """Everything a conversation's header can set."""

    agents: list[Named]
    teams: list[Named]
    statuses: list[tuple[str, str]]
    priorities: list[tuple[int, str]]
    kinds: list[tuple[str, str]]
    tags: list[str]


def choices() -> Choices:
    """Return what can be set, in three queries."""
    return Choices(
        agents=[Named(pk, name) for pk, name, role in _active_agents() if role in _ANSWERING],
        teams=[Named(team.pk, team.name) for team in active_teams()],
        statuses=[(status.value, str(status.label)) for status in _SETTABLE],
        priorities=[(priority.value, str(priority.label)) for priority in reversed(Priority)],
        kinds=[(kind.value, str(kind.label)) for kind in Kind],
        tags=_tags(),
    )


def colleagues() -> list[dict[str, Any]]:
    """Return everybody who can be mentioned in a note, for the scripts of the desk."""
    return [{"id": pk, "name": name, "role": role} for pk, name, role in _active_agents()]


@prepared
def _active_agents() -> QuerySet[Agent, tuple[int, str, str]]:
    return Agent.objects.filter(active=True).order_by("name").values_list("pk", "name", "role")


@prepared
def _tags() -> QuerySet[Tag, str]:
    return Tag.objects.order_by("name").values_list("name", flat=True)[:MOST_TAGS]
