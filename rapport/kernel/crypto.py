"""Secrets at rest: passwords and tokens of other systems, encrypted with keys made from SECRET_KEY."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class Unreadable(Exception):
    """A secret was stored under another SECRET_KEY; it has to be entered again."""


def derived_key(purpose: str, secret: str | None = None) -> bytes:
    """Return 32 bytes for one purpose, made from SECRET_KEY by HMAC-SHA256."""
    return hmac.digest(
        (secret or settings.SECRET_KEY).encode(), f"rapport:{purpose}".encode(), hashlib.sha256
    )


def _box() -> MultiFernet:
    # Older keys come after the present one, so that SECRET_KEY can be changed without losing the secrets.
    secrets = [str(each) for each in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(derived_key("secrets at rest", each))) for each in secrets]
    )


def encrypt(words: str) -> str:
    """Return ``words`` encrypted (Fernet: AES-128-CBC with HMAC-SHA256)."""
    return _box().encrypt(words.encode()).decode()


def decrypt(stored: str) -> str:
    """Return what was encrypted.

    Raises:
        Unreadable: it was encrypted under a key that is gone, or is damaged.

    """
    try:
        return _box().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise Unreadable("this secret was stored under another SECRET_KEY; enter it again") from None


class EncryptedField(_TextField):
    """Text that stands encrypted in the database; empty stays empty. Cannot be searched.

    A secret of a lost key reads as empty, so that a settings screen can still open and ask for it again.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in."""
        words = super().get_prep_value(value)
        return encrypt(words) if words else words

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:  # noqa: ARG002
        """Decrypt on the way out."""
        if not value:
            return value
        try:
            return decrypt(value)
        except Unreadable:
            return ""
