"""Django's cache in the database, from which nothing is lost before its time."""

from datetime import datetime
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.utils import timezone

from rapport.kernel.db.models import CacheRow


class LastingCache(DatabaseCache):
    """Holds the limits of sign-in attempts and the used codes of two-step sign-in.

    Django makes room by throwing out a third of the rows, whatever they say: whoever can fill the table with
    made-up addresses would end the limit that holds for an account. Here only what has expired goes.
    """

    def _cull(self, db: str, cursor: Any, now: datetime, num: int) -> None:  # noqa: ARG002  Django's signature
        forget_expired()


def forget_expired() -> int:
    """Delete what has expired and return how many rows that were."""
    return CacheRow.objects.filter(expires__lt=timezone.now()).delete()[0]
