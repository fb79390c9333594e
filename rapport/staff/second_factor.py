"""Two-factor sign-in: its secrets stand encrypted in the database, and each change is audited."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from rapport.kernel import crypto
from rapport.staff import audit
from rapport.staff.kinds import AboutAccount
from rapport.staff.models import Account, Agent


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what allauth keeps of an authenticator: the shared secret, the seed of recovery codes."""

    def encrypt(self, text: str) -> str:
        """Return what the database keeps."""
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; raises ``crypto.Unreadable`` where it was stored under another key."""
        return crypto.decrypt(encrypted_text)


def remove(account: Account, *, by: Agent | None) -> bool:
    """Delete the app and the recovery codes of an account; tell whether there were any.

    The audit names ``by`` (None: the operator). Call it in the transaction of the act.
    """
    found = list(Authenticator.objects.filter(user=account))
    for authenticator in found:
        authenticator.removed_by = by
        authenticator.delete()
    return bool(found)


def _record(kind: str, authenticator: Authenticator) -> None:
    agent = Agent.objects.filter(account_id=authenticator.user_id).first()
    actor = getattr(authenticator, "removed_by", agent)
    with transaction.atomic():
        audit.record(actor, kind, AboutAccount(account_id=authenticator.user_id), about=agent)


_MADE: dict[str, str] = {
    Authenticator.Type.TOTP: "account.two_factor_on",
    Authenticator.Type.RECOVERY_CODES: "account.recovery_codes_made",
}


def _saved(instance: Authenticator, created: bool, **_: Any) -> None:
    if created and instance.type in _MADE:
        _record(_MADE[instance.type], instance)


def _deleted(instance: Authenticator, **_: Any) -> None:
    if instance.type == Authenticator.Type.TOTP:
        _record("account.two_factor_off", instance)


def register() -> None:
    """Listen to the rows: allauth calls nobody inside its transaction, and its own signals come after it."""
    post_save.connect(_saved, sender=Authenticator, dispatch_uid="staff.second_factor")
    post_delete.connect(_deleted, sender=Authenticator, dispatch_uid="staff.second_factor")
