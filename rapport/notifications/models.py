"""What an agent should know, and how they want to be told."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class About(models.TextChoices):
    """Why somebody is told."""

    ASSIGNED = "assigned", _("Assigned to me")
    MENTIONED = "mentioned", _("Mentioned in a note")
    ANSWERED = "answered", _("The customer answered mine")
    FORWARD = "forward", _("A third party answered my forward")
    FAILED = "failed", _("My message could not be delivered")
    INBOX = "inbox", _("An inbox has trouble")


class Notification(models.Model):
    """One line in somebody's bell list. ``once`` names what it tells of: a repeat adds nothing."""

    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="notifications")
    about = models.CharField(max_length=10, choices=About)
    conversation_number = models.BigIntegerField(null=True)
    inbox = models.ForeignKey("inboxes.Inbox", null=True, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("staff.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    once = models.CharField(max_length=80)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "once"], name="notification_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["agent", "-at", "-id"], name="notification_list"),
            models.Index(
                fields=["agent"], name="notification_unread", condition=models.Q(read_at__isnull=True)
            ),
        ]


class Preference(models.Model):
    """How one agent wants to be told about one thing. Without a row: the bell, and desktop; no mail."""

    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="+")
    about = models.CharField(max_length=10, choices=About)
    bell = models.BooleanField(default=True)
    desktop = models.BooleanField(default=True)
    mail = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "about"], name="preference_once"),
        ]
