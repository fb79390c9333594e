"""Two-factor sign-in: its secrets stand encrypted in the database, and each change is audited."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from rapport.kernel import crypto
from rapport.staff import audit
from rapport.staff.kinds import AboutAccount
from rapport.staff.models import Agent


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what allauth keeps of an authenticator: the shared secret, the seed of recovery codes."""

    def encrypt(self, text: str) -> str:
        """Return what the database keeps."""
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; raises ``crypto.Unreadable`` where it was stored under another key."""
        return crypto.decrypt(encrypted_text)


def _record(kind: str, authenticator: Authenticator) -> None:
    if authenticator.type != Authenticator.Type.TOTP:
        return
    agent = Agent.objects.filter(account_id=authenticator.user_id).first()
    with transaction.atomic():
        audit.record(agent, kind, AboutAccount(account_id=authenticator.user_id), about=agent)


def _saved(instance: Authenticator, created: bool, **_: Any) -> None:
    if created:
        _record("account.two_factor_on", instance)


def _deleted(instance: Authenticator, **_: Any) -> None:
    _record("account.two_factor_off", instance)


def register() -> None:
    """Listen to the rows: those of allauth come after the commit, too late for the audit."""
    post_save.connect(_saved, sender=Authenticator, dispatch_uid="staff.second_factor")
    post_delete.connect(_deleted, sender=Authenticator, dispatch_uid="staff.second_factor")
