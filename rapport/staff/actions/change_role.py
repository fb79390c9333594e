"""Giving a member of staff another role."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.kernel.live.signal import signal
from rapport.staff import audit
from rapport.staff.authority import Refused, keep_one_administrator, require_over
from rapport.staff.kinds import RoleChanged
from rapport.staff.models import Agent
from rapport.staff.roles import Role


def change_role(*, actor: Agent | None, agent: Agent, role: Role) -> None:
    """Change the role; rights withdrawn are withdrawn from the next request on, open streams close at once.

    Raises:
        NotAllowed: the actor may not manage the former or the new role.
        Refused: it is the actor's own role, or the only administrator's.

    """
    require_over(actor, agent.role, role)
    if actor is not None and actor.pk == agent.pk and role != agent.role:
        raise Refused("role", _("Nobody changes their own role. Ask another administrator."))
    with transaction.atomic():
        fresh = Agent.objects.select_for_update().get(pk=agent.pk)
        before = Role(fresh.role)
        if before == role:
            return
        keep_one_administrator(fresh)
        Agent.objects.filter(pk=agent.pk).update(role=role)
        signal(f"agent:{agent.pk}:revoked")
        audit.record(
            actor,
            "agent.role_changed",
            RoleChanged(agent_id=agent.pk, role=role, before=before),
            about=agent,
            before={"role": str(before)},
            after={"role": str(role)},
        )
    agent.role = role
