"""System mail: invitations, resets, alarms. Rows of a queue, sent after commit."""

from django.db import models

from rapport.kernel import clock
from rapport.kernel.jobs.models import Leased


class SystemMail(Leased):
    """One mail of the system to one address; its text goes from the row once it is sent."""

    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
