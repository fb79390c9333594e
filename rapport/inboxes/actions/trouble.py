"""An inbox that cannot get or send mail says so, in words that its lead understands."""

from django.db import transaction

from rapport.inboxes.models import Inbox
from rapport.kernel import clock
from rapport.kernel.live.signal import signal
from rapport.kernel.sentences import kept


def report_trouble(*, inbox_id: int, words: str) -> bool:
    """Set what is wrong with an inbox; ``trouble_since`` stays at the first report. True where it is new."""
    stored = kept(words, 500)
    with transaction.atomic():
        inboxes = Inbox.objects.filter(pk=inbox_id)
        new = inboxes.filter(trouble="").update(trouble=stored, trouble_since=clock.now())
        if new:
            signal(f"inbox:{inbox_id}")
        else:
            inboxes.exclude(trouble=stored).update(trouble=stored)
    return bool(new)


def clear_trouble(*, inbox_id: int) -> bool:
    """Say that an inbox works again; True where it had trouble before."""
    if not Inbox.objects.filter(pk=inbox_id).exclude(trouble="").exists():
        return False
    with transaction.atomic():
        over = Inbox.objects.filter(pk=inbox_id).exclude(trouble="").update(trouble="", trouble_since=None)
        if over:
            signal(f"inbox:{inbox_id}")
    return bool(over)
