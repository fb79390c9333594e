"""Bounces and complaint reports: finding the sending they are about."""

from rapport.conversations.actions.record_bounce import record_bounce
from rapport.conversations.models import Delivery
from rapport.conversations.queries import threading
from rapport.inboxes.contract import InboundSignal
from rapport.inboxes.models import RawInbound
from rapport.inboxes.registry import channel


def record_signal(raw: RawInbound, signal: InboundSignal) -> bool:
    """Record a bounce or complaint on the sending it is about; False where none is found.

    Only our own signed token or a Message-ID that we sent counts. Everybody who got that message knows it, so
    ``record_bounce`` marks an address only where its owner alone did.
    """
    delivery = _delivery(raw, signal)
    if delivery is None or signal.kind != "bounce":
        return delivery is not None
    return record_bounce(delivery=delivery, failed=signal.recipients, reason=signal.reason)


def _delivery(raw: RawInbound, signal: InboundSignal) -> Delivery | None:
    adapter = channel(raw.inbox.kind)
    for hint in signal.hints:
        if hint.kind == "token" and adapter.verify_token(hint.value):
            message = threading.message_by_token(hint.value)
            if message is not None:
                return Delivery.objects.filter(message=message).order_by("-id").first()
            side = threading.side_message_by_token(hint.value)
            if side is not None:
                return Delivery.objects.filter(side_message=side).order_by("-id").first()
    own = threading.message_by_identities(
        [h.value for h in signal.hints if h.kind in {"own_id", "foreign_id"}]
    )
    if own is None or own.direction != "out":
        return None
    return Delivery.objects.filter(message=own).order_by("-id").first()
