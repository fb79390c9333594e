"""Agents, teams and brands as lists and choices."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from rapport.kernel.db.prepared import prepared
from rapport.staff.models import Agent, AuditEntry, Brand, Team


def agents() -> QuerySet[Agent]:
    """Return all members of staff with account, teams and brands, the active ones first, by name."""
    return (
        Agent.objects.select_related("account")
        .prefetch_related("teams", "brands")
        .order_by("-active", "name")
    )


def active_agents() -> QuerySet[Agent]:
    """Return the members of staff who can work, by name."""
    return Agent.objects.filter(active=True).order_by("name")


def teams(*, archived: bool = False) -> QuerySet[Team]:
    """Return the teams by name, each with ``people``: how many active members it has."""
    people = Count("members", filter=Q(members__active=True))
    return Team.objects.filter(archived=archived).annotate(people=people).order_by("name")


@prepared
def active_teams() -> QuerySet[Team]:
    """Return the teams that work, by name."""
    return Team.objects.filter(archived=False).order_by("name")


def brands(*, archived: bool = False) -> QuerySet[Brand]:
    """Return the brands by name."""
    return Brand.objects.filter(archived=archived).order_by("name")


def audit_entries(
    *, kinds: Iterable[str] = (), actor_id: int | None = None, before_seq: int | None = None
) -> QuerySet[AuditEntry]:
    """Return audit entries, the newest first, with their words."""
    found = AuditEntry.objects.select_related("words").order_by("-seq")
    if kinds:
        found = found.filter(kind__in=kinds)
    if actor_id is not None:
        found = found.filter(actor_kind="agent", actor_id=actor_id)
    if before_seq is not None:
        found = found.filter(seq__lt=before_seq)
    return found
