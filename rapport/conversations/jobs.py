"""What conversations do by the clock."""

from datetime import timedelta

from django.db import transaction

from rapport.conversations.actions.drafts import forget_closed
from rapport.conversations.actions.lock import lock
from rapport.conversations.actions.set_status import change_status
from rapport.conversations.actions.snooze import wake_due
from rapport.conversations.folders import save_state
from rapport.conversations.models import Conversation, Status
from rapport.kernel.clock import now
from rapport.kernel.jobs.schedule import cron

CLOSES_AFTER = timedelta(days=14)
SAVES_ARRIVE_WITHIN = timedelta(days=1)


@cron("conversations.wake", every=timedelta(seconds=30))
def wake_snoozed() -> None:
    """Wake the conversations whose snooze has ended."""
    wake_due()


@cron("conversations.close", every=timedelta(hours=1))
def close_solved() -> None:
    """Close what has been solved for fourteen days; the customer's next mail starts a linked one."""
    before = now() - CLOSES_AFTER
    solved = Conversation.objects.filter(status=Status.SOLVED, solved_at__lt=before)
    # In the order of the index: by id, SQLite would rather read the whole table than sort.
    for pk in solved.order_by("solved_at").values_list("pk", flat=True)[:2000]:
        with transaction.atomic():
            conversation = lock(pk)
            if conversation.status == Status.SOLVED and (conversation.solved_at or now()) < before:
                change_status(conversation, Status.CLOSED)
                save_state(conversation)


@cron("conversations.forget_closed_forms", every=timedelta(hours=6))
def forget_closed_forms() -> None:
    """Forget the composers that were sent or emptied long ago."""
    forget_closed(now() - SAVES_ARRIVE_WITHIN)
