"""Putting a member of staff into teams, and giving them brands."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.kernel.live.signal import signal
from rapport.staff import audit
from rapport.staff.authority import Refused, require_over
from rapport.staff.kinds import GroupsChanged
from rapport.staff.models import Agent, Team


def set_teams(*, actor: Agent | None, agent: Agent, team_ids: Iterable[int]) -> None:
    """Make these the agent's teams, beside archived ones, which stay; raises ``NotAllowed``."""
    wanted = set(team_ids)
    _change(actor, agent, "teams", lambda groups: wanted | _archived(groups))


def set_brands(*, actor: Agent | None, agent: Agent, brand_ids: Iterable[int]) -> None:
    """Make these the agent's brands, beside archived ones, which stay; raises ``NotAllowed``."""
    wanted = set(brand_ids)
    _change(actor, agent, "brands", lambda groups: wanted | _archived(groups))


def join_team(*, actor: Agent | None, agent: Agent, team: Team) -> None:
    """Put the agent into one team more; raises ``NotAllowed``, and ``Refused`` where it is archived."""
    _change_membership(actor, agent, team, lambda ids: ids | {team.pk})


def leave_team(*, actor: Agent | None, agent: Agent, team: Team) -> None:
    """Take the agent out of one team; raises ``NotAllowed``, and ``Refused`` where it is archived."""
    _change_membership(actor, agent, team, lambda ids: ids - {team.pk})


def _change_membership(
    actor: Agent | None, agent: Agent, team: Team, changed: Callable[[set[int]], set[int]]
) -> None:
    if team.archived:
        raise Refused("agent", _("This team is archived. Bring it back first."))
    _change(actor, agent, "teams", lambda groups: changed(set(groups.values_list("pk", flat=True))))


def _archived(groups: Any) -> set[int]:
    return set(groups.filter(archived=True).values_list("pk", flat=True))


def _change(actor: Agent | None, agent: Agent, field: str, wanted: Callable[[Any], set[int]]) -> None:
    """Give the agent the groups that ``wanted`` makes of those held now, which nobody changes meanwhile."""
    require_over(actor, agent.role)
    with transaction.atomic():
        groups: Any = getattr(Agent.objects.select_for_update().get(pk=agent.pk), field)
        before = {group.pk: group.name for group in groups.all()}
        groups.set(wanted(groups))
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
