"""What inboxes do by the clock: notice that one has fallen silent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from rapport.inboxes.models import Inbox, RawInbound
from rapport.inboxes.silence import NEVER_ANY, is_silent
from rapport.kernel.clock import now
from rapport.kernel.jobs.schedule import cron
from rapport.kernel.live.signal import signal
from rapport.staff.models import AuditEntry

LOOKS_BACK = timedelta(days=120)
MOST = 2000


@cron("inboxes.silence", every=timedelta(minutes=30))
def notice_silence() -> None:
    """Mark each inbox that gets no mail for longer than is usual for it; its lead is told."""
    for inbox in Inbox.objects.filter(active=True):
        arrived = RawInbound.objects.filter(inbox=inbox, received_at__gt=now() - LOOKS_BACK)
        times = sorted(arrived.order_by("-received_at").values_list("received_at", flat=True)[:MOST])
        silent_since = _silent_since(inbox, times)
        if silent_since != inbox.silent_since:
            with transaction.atomic():
                Inbox.objects.filter(pk=inbox.pk).update(silent_since=silent_since)
                signal(f"inbox:{inbox.pk}")


def _silent_since(inbox: Inbox, times: Sequence[datetime]) -> datetime | None:
    if times:
        return times[-1] if is_silent(times, now()) else None
    since = inbox.last_received_at or _set_up_at(inbox)
    return since if since is not None and now() - since > NEVER_ANY else None


def _set_up_at(inbox: Inbox) -> datetime | None:
    """Return when the inbox was last added, connected or started; None where it was made without an audit."""
    changes = AuditEntry.objects.filter(subject_kind=inbox._meta.label_lower, subject_id=inbox.pk)
    relevant = changes.filter(kind__in=["inbox.created", "inbox.connected", "inbox.started"])
    return relevant.order_by("-seq").values_list("occurred_at", flat=True).first()
