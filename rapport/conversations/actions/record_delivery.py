"""Writing down what became of a delivery."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from rapport.conversations.actions.assign import free
from rapport.conversations.actions.lock import lock
from rapport.conversations.actions.set_status import change_status
from rapport.conversations.actions.snooze import end_snooze
from rapport.conversations.actors import SYSTEM
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import DeliveryChanged
from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient, Entry, Status
from rapport.conversations.sentences import sentence
from rapport.conversations.timeline import append
from rapport.inboxes.contract import Receipt, RecipientResult
from rapport.kernel.clock import now
from rapport.kernel.jobs import leases
from rapport.kernel.sentences import heard, kept

LONGEST_REASON = 500
MAX_ATTEMPTS = 60
"""With a pause of at most an hour between tries: more than two days before a person is asked."""
_HAD_IT = ("sent", "skipped", "bounced")


class LeaseLost(Exception):
    """Another worker has this delivery now; what this one wanted to write is rolled back."""


def record_sent(*, delivery: Delivery, receipt: Receipt) -> None:
    """Record what the server said about each recipient; called after its 250, never before.

    Refused recipients make the delivery fail visibly, those put off make it wait; the others are done.
    Raises ``LeaseLost``.
    """
    with transaction.atomic():
        conversation = lock(delivery.conversation_id)
        _record_recipients(delivery, receipt.recipients)
        if receipt.provider_id and (words := delivery.message or delivery.side_message):
            type(words).objects.filter(pk=words.pk).update(provider_id=receipt.provider_id[:500])
        # What is stored decides, not this receipt: an earlier try may have been refused for somebody.
        rows = {row.state: row for row in delivery.recipients.order_by("-pk")}
        if put_off := rows.get("waiting"):
            _wait(conversation, delivery, heard(put_off.detail))
        elif refused := rows.get("refused"):
            reason = sentence("recipient", address=refused.address, said=heard(refused.detail))
            _fail(conversation, delivery, reason)
        else:
            _finish(conversation, delivery)
        save_state(conversation)


def record_waiting(*, delivery: Delivery, reason: str, retry_after: int | None = None) -> None:
    """Record that nothing could be sent now; it is tried again by itself, until it failed for two days.

    Raises ``LeaseLost``.
    """
    with transaction.atomic():
        conversation = lock(delivery.conversation_id)
        _wait(conversation, delivery, reason, retry_after)
        save_state(conversation)


def record_failed(*, delivery: Delivery, reason: str) -> None:
    """Record that this will never be sent as it is; a person decides. Raises ``LeaseLost``."""
    with transaction.atomic():
        conversation = lock(delivery.conversation_id)
        _give_up(conversation, delivery, reason)
        save_state(conversation)


def _record_recipients(delivery: Delivery, results: Iterable[RecipientResult]) -> None:
    for result in results:
        state = "sent" if result.accepted else "refused" if result.permanent else "waiting"
        DeliveryRecipient.objects.filter(delivery=delivery, address__iexact=result.address).exclude(
            state__in=_HAD_IT
        ).update(state=state, detail=kept(result.detail, LONGEST_REASON))


def _finish(conversation: Conversation, delivery: Delivery) -> None:
    delivery.sent_at, delivery.reason = now(), ""
    if not leases.finish(delivery, "sent_at", "reason"):
        raise LeaseLost
    append(conversation, "delivery.sent", about(delivery), actor=SYSTEM)


def _wait(
    conversation: Conversation, delivery: Delivery, reason: str, retry_after: int | None = None
) -> None:
    if delivery.attempts >= MAX_ATTEMPTS:
        _give_up(conversation, delivery, reason)
        return
    pause = leases.backoff(delivery.attempts)
    if retry_after is not None:
        pause = max(pause, timedelta(seconds=retry_after))
    first = not delivery.reason
    if not leases.retry_later(delivery, reason, backoff=pause):
        raise LeaseLost
    Delivery.objects.filter(pk=delivery.pk).update(reason=kept(reason, LONGEST_REASON))
    if first:
        append(conversation, "delivery.waiting", about(delivery), actor=SYSTEM)


def _give_up(conversation: Conversation, delivery: Delivery, reason: str) -> None:
    open_ones = delivery.recipients.exclude(state__in=(*_HAD_IT, "refused"))
    open_ones.update(state="refused", detail=kept(reason, LONGEST_REASON))
    _fail(conversation, delivery, reason)


def _fail(conversation: Conversation, delivery: Delivery, reason: str) -> None:
    if not leases.fail(delivery, reason):
        raise LeaseLost
    Delivery.objects.filter(pk=delivery.pk).update(reason=kept(reason, LONGEST_REASON))
    entry = append(conversation, "delivery.failed", about(delivery), actor=SYSTEM)
    reopen_for_failure(conversation, caused_by=entry)


def reopen_for_failure(conversation: Conversation, *, caused_by: Entry) -> None:
    """Put a locked conversation back on its sender's list, as its last message did not arrive.

    Set aside or closed, too; where its assignee cannot answer any more, it comes back to nobody.
    """
    conversation.delivery_failed = True
    if conversation.status in {Status.WAITING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED}:
        change_status(conversation, Status.OPEN, caused_by=caused_by)
    end_snooze(conversation)
    free(conversation)


def about(delivery: Delivery) -> DeliveryChanged:
    """Return the payload of an entry that tells of a delivery."""
    return DeliveryChanged(
        delivery_id=delivery.pk, message_id=delivery.message_id, side_message_id=delivery.side_message_id
    )
