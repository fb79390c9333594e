"""Live signals: which topic moved, and how far. Never content."""

from django.db import models


class LiveSignal(models.Model):
    """``topic`` now stands at ``seq``. Kept for an hour; the tables that screens fetch from are the truth."""

    topic = models.CharField(max_length=80)
    seq = models.BigIntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "live_signal"
