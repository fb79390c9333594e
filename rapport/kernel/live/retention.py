"""Signals are kept for an hour; a screen that was away for longer fetches everything anew."""

from datetime import timedelta

from rapport.kernel import clock
from rapport.kernel.live.models import LiveSignal

KEEP = timedelta(hours=1)


def forget_old() -> int:
    """Delete old signals, always keeping the newest row, and return how many there were."""
    newest = LiveSignal.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return 0
    return LiveSignal.objects.filter(at__lt=clock.now() - KEEP, pk__lt=newest).delete()[0]
