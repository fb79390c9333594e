"""The hold of a restored copy: while it stands, outward queues, mailboxes and cron do nothing."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.kernel.jobs.models import Hold

HELD = _(
    "This is a restored copy that holds: it sends nothing and fetches no mail until an administrator runs "
    "“rapport resume” on the server."
)
"""What is said of it on screens and on the command line."""


def held() -> bool:
    """Tell whether this installation is a restored copy that nobody has resumed yet."""
    return Hold.objects.exists()


@transaction.atomic
def hold(reason: str) -> None:
    """Hold everything that would leave or be fetched, until ``resume``."""
    Hold.objects.create(reason=reason)


def resume() -> bool:
    """End the hold; False where there was none."""
    return bool(Hold.objects.all().delete()[0])
