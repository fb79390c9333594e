"""The outbox: per conversation in order, sent outside any transaction, recorded after the server's word."""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from rapport.conversations.actions.record_delivery import (
    LeaseLost,
    record_failed,
    record_sent,
    record_waiting,
)
from rapport.conversations.models import Delivery, DeliveryRecipient
from rapport.conversations.outgoing import NothingToSend, build
from rapport.conversations.sentences import sentence
from rapport.inboxes.contract import SendError
from rapport.inboxes.registry import channel
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import Queue, register_queue

log = logging.getLogger(__name__)

_UNDER_WAY = (State.QUEUED, State.RUNNING)


def deliver(delivery: Delivery) -> None:
    """Send one claimed delivery and record what the server said.

    A crash between the server's 250 and the record sends a second copy under the same Message-ID, never one
    under another.
    """
    try:
        _send(delivery)
    except LeaseLost:
        log.warning("delivery %s was taken over by another worker", delivery.pk)


def _send(delivery: Delivery) -> None:
    try:
        outgoing, inbox = build(delivery)
        receipt = channel(inbox.kind).send(outgoing, inbox)
        record_sent(delivery=delivery, receipt=receipt)
    except LeaseLost:
        raise
    except NothingToSend as nothing:
        record_failed(delivery=delivery, reason=nothing.reason)
    except SendError as error:
        if error.permanent:
            record_failed(delivery=delivery, reason=error.reason)
        else:
            record_waiting(delivery=delivery, reason=error.reason, retry_after=error.retry_after)
    except Exception as error:
        log.exception("delivery %s, attempt %s", delivery.pk, delivery.attempts)
        record_waiting(delivery=delivery, reason=sentence("own_failure", error=type(error).__name__))


def due() -> "QuerySet[Delivery]":
    """Return the lowest delivery under way of each conversation, public and side messages apart.

    One that failed waits for a person and holds up nothing, nor does one that somebody has and that is put
    off for another recipient, which can last two days.
    """
    had = DeliveryRecipient.objects.filter(delivery=OuterRef("pk"), state="sent")
    earlier = Delivery.objects.filter(
        ~Exists(had), conversation=OuterRef("conversation"), state__in=_UNDER_WAY, pk__lt=OuterRef("pk")
    )
    public, side = Q(message__isnull=False), Q(message__isnull=True)
    return Delivery.objects.filter(
        (public & ~Exists(earlier.filter(public))) | (side & ~Exists(earlier.filter(side)))
    )


def register() -> None:
    """Let the worker send; a restored copy stands still until it is resumed."""
    register_queue(
        Queue(
            name="delivery",
            model=Delivery,
            handler=deliver,
            lease=timedelta(seconds=120),
            batch=1,
            # A server may look through one mail for ten minutes; the others do not wait for it.
            concurrency=4,
            max_attempts=10_000,
            outward=True,
            due=due,
        )
    )
