"""Marking notifications as read."""

from django.db import transaction

from rapport.kernel.clock import now
from rapport.kernel.live.signal import signal
from rapport.notifications.models import Notification
from rapport.staff.models import Agent


def mark_read(
    *, agent: Agent, notification_id: int | None = None, conversation_number: int | None = None
) -> int:
    """Mark one notification, all about one conversation, or all of the agent's own; return how many."""
    unread = Notification.objects.filter(agent=agent, read_at=None)
    if notification_id is not None:
        unread = unread.filter(pk=notification_id)
    if conversation_number is not None:
        unread = unread.filter(conversation_number=conversation_number)
    if not unread.exists():
        return 0
    with transaction.atomic():
        count = unread.update(read_at=now())
        signal(f"agent:{agent.pk}")
    return count
