"""A message came back: marking the recipient and putting the conversation back on its sender's list."""

from collections.abc import Iterable

from django.db import transaction

from rapport.conversations.actions.lock import lock
from rapport.conversations.actions.record_delivery import reopen_for_failure
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Bounced
from rapport.conversations.models import Delivery, DeliveryRecipient, Message
from rapport.conversations.models.words import Direction
from rapport.conversations.sentences import sentence
from rapport.conversations.timeline import append
from rapport.customers.models import Identity
from rapport.inboxes.contract import FailedRecipient
from rapport.kernel.clock import now
from rapport.kernel.sentences import kept


def record_bounce(*, delivery: Delivery, failed: Iterable[FailedRecipient], reason: str) -> bool:
    """Mark the recipients that a bounce names; a hard one reopens the conversation.

    A soft one raises the alarm only. The address itself is marked where nobody else could have made it up.

    Returns False where the bounce names nobody that the message was sent to.
    """
    with transaction.atomic():
        conversation = lock(delivery.conversation_id)
        known = {row.address.lower(): row for row in delivery.recipients.all()}
        hit = [(known[each.address.lower()], each) for each in failed if each.address.lower() in known]
        certain = bool(hit) and len(known) == 1 and not _answered(delivery, next(iter(known)))
        if not hit and len(known) == 1:
            # Whom the only recipient has their mail forwarded to: it did not arrive, but their address lives.
            only = next(iter(known.values()))
            hit = [(only, each) for each in list(failed)[:1]]
        for row, each in hit:
            _mark(row, each, certain=certain)
            entry = append(
                conversation,
                "bounced",
                Bounced(delivery_id=delivery.pk, recipient_id=row.pk, hard=each.hard),
            )
            conversation.delivery_failed = True
            if each.hard:
                reopen_for_failure(conversation, caused_by=entry)
        if hit:
            Delivery.objects.filter(pk=delivery.pk).update(reason=kept(reason, 500))
            save_state(conversation)
    return bool(hit)


def _answered(delivery: Delivery, address: str) -> bool:
    """Tell whether the recipient wrote since: then it arrived, and an answer shows others its Message-ID."""
    since = Message.objects.filter(
        conversation_id=delivery.conversation_id, created_at__gt=delivery.created_at
    )
    return since.filter(direction=Direction.IN, sender_address__iexact=address).exists()


def _mark(row: DeliveryRecipient, failed: FailedRecipient, *, certain: bool) -> None:
    words = sentence("bounced", status=failed.code, reason=failed.reason) if failed.code else failed.reason
    DeliveryRecipient.objects.filter(pk=row.pk).update(state="bounced", detail=kept(words, 500))
    # Whoever got a copy can quote our Message-ID in a report on somebody else: that one is shown, no more.
    if failed.hard and certain:
        Identity.objects.filter(kind="email", value=row.address.lower()).update(
            bounced_at=now(), bounce_reason=kept(words, 300)
        )
