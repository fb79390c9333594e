"""What inboxes do by the clock: notice that one has fallen silent."""

from datetime import timedelta

from rapport.inboxes.models import Inbox, RawInbound
from rapport.inboxes.silence import is_silent
from rapport.kernel.clock import now
from rapport.kernel.jobs.schedule import cron

LOOKS_BACK = timedelta(days=120)
MOST = 2000


@cron("inboxes.silence", every=timedelta(minutes=30))
def notice_silence() -> None:
    """Mark each inbox that gets no mail for longer than is usual for it; its lead is told."""
    for inbox in Inbox.objects.filter(active=True):
        arrived = RawInbound.objects.filter(inbox=inbox, received_at__gt=now() - LOOKS_BACK)
        times = sorted(arrived.order_by("-received_at").values_list("received_at", flat=True)[:MOST])
        silent_since = times[-1] if times and is_silent(times, now()) else None
        if silent_since != inbox.silent_since:
            Inbox.objects.filter(pk=inbox.pk).update(silent_since=silent_since)
