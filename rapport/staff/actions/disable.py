"""Locking a member of staff out, and letting them in again."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from rapport.kernel.clock import now
from rapport.kernel.live.signal import signal
from rapport.staff import audit
from rapport.staff.authority import Refused, keep_one_administrator, require_over
from rapport.staff.kinds import AboutAgent
from rapport.staff.models import Account, Agent


def disable(*, actor: Agent | None, agent: Agent) -> None:
    """Refuse the account from its next request on, end its sessions and void its invitations.

    Raises:
        NotAllowed: the actor may not manage people of this role.
        Refused: it is the actor's own account, or the only administrator's.

    """
    require_over(actor, agent.role)
    if actor is not None and actor.pk == agent.pk:
        raise Refused("active", _("Nobody disables their own account."))
    with transaction.atomic():
        fresh = Agent.objects.select_for_update().get(pk=agent.pk)
        if not fresh.active:
            return
        keep_one_administrator(fresh)
        Agent.objects.filter(pk=agent.pk).update(active=False)
        Account.objects.filter(pk=agent.account_id).update(
            is_active=False, session_epoch=F("session_epoch") + 1
        )
        agent.account.invitations.filter(used_at=None).update(expires_at=now())
        signal(f"agent:{agent.pk}:revoked")
        audit.record(actor, "agent.disabled", AboutAgent(agent_id=agent.pk), about=agent)
    agent.active = False


def enable(*, actor: Agent | None, agent: Agent) -> None:
    """Let the account sign in again, with the password and two-factor it had; raises ``NotAllowed``."""
    require_over(actor, agent.role)
    with transaction.atomic():
        if not Agent.objects.filter(pk=agent.pk, active=False).update(active=True):
            return
        Account.objects.filter(pk=agent.account_id).update(is_active=True)
        audit.record(actor, "agent.enabled", AboutAgent(agent_id=agent.pk), about=agent)
    agent.active = True
