"""Accepting an invitation: choosing a password with the link from the mail."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from rapport.kernel.clock import now
from rapport.staff import audit, tokens
from rapport.staff.actions.set_password import set_password
from rapport.staff.authority import Refused
from rapport.staff.kinds import AboutAgent
from rapport.staff.models import Account, Agent, Invitation

PRESSED_TWICE = timedelta(minutes=1)


class Void(Exception):
    """The link is unknown, was used, has expired, or its account is disabled: the answer is the same."""


def open_invitation(token: str) -> Invitation:
    """Return the invitation that ``token`` still opens; raises ``Void``. Changes nothing."""
    found = (
        Invitation.objects.select_related("account", "account__agent")
        .filter(
            token_hash=tokens.digest(token) or None,
            used_at=None,
            expires_at__gt=now(),
            account__is_active=True,
            account__agent__active=True,
        )
        .first()
    )
    if found is None:
        raise Void
    return found


def check_password(password: str, account: Account | None = None) -> None:
    """Raise ``Refused`` with all reasons where the password is too weak."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refused("password", " ".join(error.messages)) from None


def accept_invitation(*, token: str, password: str) -> Account:
    """Set the invited person's password and use the link up. The caller signs them in, with two-factor.

    Raises:
        Void: the link opens nothing, or another request has just used it.
        Refused: the password is too weak; the link stays good.

    """
    with transaction.atomic():
        invitation = open_invitation(token)
        check_password(password, invitation.account)
        # Two requests with one link: the conditional update lets only one of them through.
        used = Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=now())
        if not used:
            raise Void
        agent = Agent.objects.get(account=invitation.account)
        set_password(actor=agent, account=invitation.account, password=password)
        audit.record(agent, "agent.joined", AboutAgent(agent_id=agent.pk), about=agent)
    return invitation.account


def just_accepted(*, token: str, password: str) -> Account:
    """Return who used this link with this password within the last minute: a second click asks again.

    Raises:
        Void: nobody did.

    """
    found = (
        Invitation.objects.select_related("account")
        .filter(
            token_hash=tokens.digest(token) or None,
            used_at__gt=now() - PRESSED_TWICE,
            account__is_active=True,
            account__agent__active=True,
        )
        .first()
    )
    if found is None or not found.account.check_password(password):
        raise Void
    return found.account
