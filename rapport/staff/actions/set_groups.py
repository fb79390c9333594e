"""Putting a member of staff into teams, and giving them brands."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from rapport.kernel.live.signal import signal
from rapport.staff import audit
from rapport.staff.authority import require_over
from rapport.staff.kinds import GroupsChanged
from rapport.staff.models import Agent


def set_teams(*, actor: Agent | None, agent: Agent, team_ids: Iterable[int]) -> None:
    """Make these the agent's teams, beside archived ones, which stay; raises ``NotAllowed``."""
    _set(actor, agent, "teams", set(team_ids))


def set_brands(*, actor: Agent | None, agent: Agent, brand_ids: Iterable[int]) -> None:
    """Make these the agent's brands, beside archived ones, which stay; raises ``NotAllowed``."""
    _set(actor, agent, "brands", set(brand_ids))


def _set(actor: Agent | None, agent: Agent, field: str, wanted: set[int]) -> None:
    require_over(actor, agent.role)
    with transaction.atomic():
        groups: Any = getattr(Agent.objects.select_for_update().get(pk=agent.pk), field)
        before = {group.pk: group.name for group in groups.all()}
        archived = groups.filter(archived=True).values_list("pk", flat=True)
        groups.set(wanted | set(archived))
        after = {group.pk: group.name for group in groups.all()}
        if before == after:
            return
        removed = sorted(before.keys() - after.keys())
        if removed:
            signal(f"agent:{agent.pk}:revoked")
        audit.record(
            actor,
            f"agent.{field}_changed",
            GroupsChanged(
                agent_id=agent.pk,
                added_ids=tuple(sorted(after.keys() - before.keys())),
                removed_ids=tuple(removed),
            ),
            about=agent,
            before={field: sorted(before.values())},
            after={field: sorted(after.values())},
        )
    for cached in ("_team_ids", "_brand_ids"):
        agent.__dict__.pop(cached, None)
