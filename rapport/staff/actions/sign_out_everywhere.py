"""Ending all sessions of somebody."""

from django.db import transaction
from django.db.models import F

from rapport.kernel.live.signal import signal
from rapport.staff import audit
from rapport.staff.authority import require_over
from rapport.staff.kinds import AboutAgent
from rapport.staff.models import Account, Agent


def sign_out_everywhere(*, actor: Agent | None, agent: Agent) -> None:
    """Refuse every session of ``agent`` from its next request on, and close its open streams at once.

    Raises:
        NotAllowed: it is not the actor's own, and the actor may not manage people of this role.

    """
    if actor is None or actor.pk != agent.pk:
        require_over(actor, agent.role)
    with transaction.atomic():
        Account.objects.filter(pk=agent.account_id).update(session_epoch=F("session_epoch") + 1)
        signal(f"agent:{agent.pk}:revoked")
        audit.record(actor, "agent.signed_out", AboutAgent(agent_id=agent.pk), about=agent)
