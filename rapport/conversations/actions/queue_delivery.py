"""Putting a message into the outbox, in the transaction that writes it."""

from datetime import datetime

from rapport.conversations.models import Delivery, DeliveryRecipient, Message, SideMessage
from rapport.kernel.clock import now
from rapport.kernel.db.rows import insert
from rapport.kernel.jobs.queues import wake


def queue_delivery(
    *, run_at: datetime, message: Message | None = None, side_message: SideMessage | None = None
) -> Delivery:
    """Write the delivery and its recipients; the sender is woken after commit."""
    words = message or side_message
    if words is None:
        raise ValueError("a delivery needs words to deliver")
    delivery = insert(
        Delivery(
            conversation_id=words.conversation_id,
            message=message,
            side_message=side_message,
            run_at=run_at,
            created_at=now(),
        )
    )
    roles = {"to": words.to, "cc": words.cc, "bcc": words.bcc}
    for role, rows in roles.items():
        for row in rows:
            name = row.get("name", "")
            insert(DeliveryRecipient(delivery=delivery, role=role, address=row["address"], name=name))
    wake("delivery")
    return delivery
