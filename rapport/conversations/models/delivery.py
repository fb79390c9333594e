"""The outbox: one row per sending of one message, one per recipient with what the server said."""

from typing import ClassVar

from django.db import models

from rapport.kernel.jobs.models import Leased


class Delivery(Leased):
    """One sending. Leased states, and ``withdrawn`` (undo) and ``skipped`` (given up by a person).

    ``run_at`` in the future is the undo window or the next try.
    """

    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"
    GIVEN_UP = (WITHDRAWN, SKIPPED)

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.PROTECT, related_name="deliveries"
    )
    message = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    side_message = models.ForeignKey(
        "conversations.SideMessage", null=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta(Leased.Meta):
        indexes: ClassVar = [
            *Leased.Meta.indexes,
            models.Index(fields=["conversation", "state", "id"], name="delivery_order"),
        ]


class DeliveryRecipient(models.Model):
    """One recipient of one sending: pending, sent, waiting, refused, bounced, skipped.

    ``former`` is the address that the message was written to, where an agent has put another in its place.
    """

    delivery = models.ForeignKey(
        "conversations.Delivery", on_delete=models.CASCADE, related_name="recipients"
    )
    role = models.CharField(max_length=3, default="to")
    address = models.CharField(max_length=320)
    former = models.CharField(max_length=320, blank=True, default="")
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, default="pending")
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address"], name="recipient_address")]
