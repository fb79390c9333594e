"""Inboxes, and everything that came in, byte for byte."""

from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel.jobs.models import Leased

WITHHELD: Final = "withheld"
"""The source of a raw row that only names a mail, which the mail server has and does not hand over."""


class Inbox(models.Model):
    """One configured instance of a channel, with its brand, team and sender."""

    kind = models.CharField(max_length=20, default="email")
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=320, unique=True)
    sender_name = models.CharField(_("sender's name"), max_length=120, blank=True)
    brand = models.ForeignKey("staff.Brand", on_delete=models.PROTECT, related_name="inboxes")
    team = models.ForeignKey("staff.Team", on_delete=models.PROTECT, related_name="inboxes")
    active = models.BooleanField(_("active"), default=True)
    last_received_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return self.name


class Outcome(models.TextChoices):
    """What became of a raw row."""

    WAITING = "", _("Waiting to be read")
    PARSED = "parsed", _("In a conversation")
    NOTED = "noted", _("Read and noted")
    DUPLICATE = "duplicate", _("Already here")
    QUARANTINED = "quarantined", _("Belongs to?")
    REFUSED = "refused", _("Refused")
    POISON = "poison", _("Could not be read")
    DISMISSED = "dismissed", _("Dismissed")


class RawInbound(Leased):
    """What came in, stored before it is acknowledged.

    ``unique_key`` is the duplicate guard. Bytes up to 64 kB stand in ``RawBody``, larger ones in a file.
    ``reason`` and ``verdicts`` say in words why it is where it is.
    """

    inbox = models.ForeignKey("inboxes.Inbox", on_delete=models.PROTECT, related_name="raw")
    unique_key = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=20)
    origin = models.CharField(max_length=10, default="live")
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.CharField(max_length=320, blank=True)
    size = models.PositiveBigIntegerField()
    file = models.ForeignKey("files.StoredFile", null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.WAITING, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    verdicts = models.JSONField(default=list)
    shown_from = models.CharField(max_length=400, blank=True)
    shown_subject = models.CharField(max_length=500, blank=True)
    candidate = models.PositiveBigIntegerField(null=True)
    """The conversation it may belong to, where a person must decide."""

    class Meta(Leased.Meta):
        indexes: ClassVar = [
            *Leased.Meta.indexes,
            models.Index(fields=["outcome", "-received_at"], name="raw_tray"),
        ]


class RawBody(models.Model):
    """The bytes of a small raw row, in a table of their own so that lists of raw rows stay narrow."""

    raw = models.OneToOneField(
        "inboxes.RawInbound", primary_key=True, on_delete=models.CASCADE, related_name="body"
    )
    content = models.BinaryField()
