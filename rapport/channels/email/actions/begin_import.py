"""Beginning to take over the mail that stood in a mailbox before it was connected."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Min

from rapport.channels.email.models import EmailSettings, History, HistoryImport, ImportState, MailboxCursor
from rapport.kernel import clock

SKEW: Final = timedelta(minutes=5)
"""How far the mail server's clock may be from ours."""


def begin_import(
    *, settings: EmailSettings, until: datetime, state: ImportState = ImportState.RUNNING
) -> None:
    """Take over what arrived before ``until``, as far back as the settings say; the mail process does it."""
    now = clock.now()
    days = timedelta(days=settings.history_days)
    HistoryImport.objects.create(
        inbox=settings.inbox,
        state=state,
        since=now - days if settings.history == History.DAYS else None,
        until=until,
        started_at=now,
    )


def begin_wished_later(*, settings: EmailSettings) -> None:
    """Take over earlier mail of a mailbox that is watched already; another import of it ends where it is.

    What that one brought is known by its unique key and does not come twice.
    """
    connected = MailboxCursor.objects.filter(inbox=settings.inbox).aggregate(at=Min("since"))["at"]
    if connected is None or settings.history == History.FROM_NOW:
        return
    with transaction.atomic():
        standing = HistoryImport.objects.select_for_update().filter(
            inbox=settings.inbox, state__in=(ImportState.RUNNING, ImportState.PAUSED)
        )
        paused = standing.filter(state=ImportState.PAUSED).exists()
        standing.update(state=ImportState.DONE, finished_at=clock.now())
        state = ImportState.PAUSED if paused else ImportState.RUNNING
        begin_import(settings=settings, until=connected + SKEW, state=state)
