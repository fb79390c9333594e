"""The hold of a restored copy: while it stands, outward queues, mailboxes and cron do nothing."""

from django.db import transaction

from rapport.kernel.jobs.models import Hold

HELD = (
    "This is a restored copy that holds: it sends nothing, fetches no mail and does nothing by the clock. "
    "Once the original is gone: rapport resume --yes"
)


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
