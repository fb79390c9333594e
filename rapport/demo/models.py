"""That the demo company stands, and what its customers have in their mailboxes."""

from typing import ClassVar

from django.db import models


class Built(models.Model):
    """Written in the transaction that builds the demo company: it is there as a whole, or not at all."""

    at = models.DateTimeField()
    seed = models.PositiveIntegerField()
    until = models.DateTimeField()


class CustomerMail(models.Model):
    """One mail in the mailbox of one customer of the demo, as it came or went over SMTP.

    ``thread`` is the Message-ID of the first mail of its thread that this mailbox knows.
    """

    mailbox = models.CharField(max_length=320)
    sent = models.BooleanField(default=False)
    message_id = models.CharField(max_length=500)
    thread = models.CharField(max_length=500)
    subject = models.CharField(max_length=500, blank=True)
    other = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mailbox", "message_id"], name="customer_mail_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["mailbox", "-at"], name="customer_mailbox")]
