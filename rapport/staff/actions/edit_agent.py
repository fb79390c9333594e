"""Changing name and place of a member of staff in one go."""

from collections.abc import Iterable

from django.db import transaction

from rapport.staff.actions.change_role import change_role
from rapport.staff.actions.set_groups import set_brands, set_teams
from rapport.staff.actions.update_profile import rename
from rapport.staff.models import Agent
from rapport.staff.roles import Role


def edit_agent(
    *,
    actor: Agent | None,
    agent: Agent,
    name: str,
    role: Role,
    team_ids: Iterable[int],
    brand_ids: Iterable[int],
) -> None:
    """Change name, role, teams and brands: all of it, or nothing where one of them is refused.

    Raises:
        NotAllowed: the actor may not manage the former or the new role.
        Refused: see ``change_role`` and ``rename``.

    """
    with transaction.atomic():
        change_role(actor=actor, agent=agent, role=role)
        set_teams(actor=actor, agent=agent, team_ids=team_ids)
        set_brands(actor=actor, agent=agent, brand_ids=brand_ids)
        rename(actor=actor, agent=agent, name=name)
