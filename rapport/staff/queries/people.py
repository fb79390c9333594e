"""Agents, teams and brands as lists and choices."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from rapport.kernel.db.prepared import prepared
from rapport.kernel.stream.append import Actor
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
    *,
    actor: Actor | None = None,
    subject_kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before_seq: int | None = None,
) -> QuerySet[AuditEntry]:
    """Return audit entries, the newest first, with their words; ``until`` is the first moment left out."""
    found = AuditEntry.objects.select_related("words").order_by("-seq")
    if actor is not None:
        found = found.filter(actor_kind=actor.kind, actor_id=actor.id)
    if subject_kind:
        found = found.filter(subject_kind=subject_kind)
    if since is not None:
        found = found.filter(recorded_at__gte=since)
    if until is not None:
        found = found.filter(recorded_at__lt=until)
    if before_seq is not None:
        found = found.filter(seq__lt=before_seq)
    return found
