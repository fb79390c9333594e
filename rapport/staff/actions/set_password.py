"""Giving an account a new password."""

from django.db import transaction

from rapport.kernel.live.signal import signal
from rapport.staff import audit
from rapport.staff.kinds import AboutAccount
from rapport.staff.models import Account, Agent


def set_password(*, actor: Agent | None, account: Account, password: str) -> None:
    """Set the password. Every session that was signed in with the old one ends with its next request.

    ``actor`` is whose password it is, with proof of it, or None for the operator at the command line.
    """
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])
        agent = Agent.objects.filter(account=account).first()
        if agent is not None:
            signal(f"agent:{agent.pk}:revoked")
        audit.record(actor, "account.password_set", AboutAccount(account_id=account.pk), about=agent)
