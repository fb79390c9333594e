"""Rows that are queues: the abstract lease, the table of named jobs, and the hold of a restored copy."""

from typing import Any, ClassVar

from django.db import models

from rapport.kernel import clock


class State(models.TextChoices):
    """Where a leased row stands; ``failed`` is the dead letter that waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Leased(models.Model):
    """A row that one worker at a time works on; its table is a queue.

    A subclass with a ``Meta`` of its own derives it from ``Leased.Meta`` and keeps ``Leased.Meta.indexes``.
    Only ``kernel.jobs.leases`` changes these columns, save that an action may set a state of its own
    under a condition on the present one.
    """

    state = models.CharField(max_length=12, default=State.QUEUED)
    run_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True, default="")
    last_error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True
        # Partial, so that claiming costs the same however many rows are done.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run_at"], condition=models.Q(state="queued"), name="%(class)s_due"),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="running"), name="%(class)s_leased"
            ),
            models.Index(fields=["run_at"], condition=models.Q(state="failed"), name="%(class)s_dead"),
        ]


class Job(Leased):
    """One call of a function registered with ``jobs.tasks.job``; its row goes when it is done."""

    name = models.CharField(max_length=120)
    args: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    unique_key = models.CharField(max_length=200, null=True, unique=True)


class Hold(models.Model):
    """While a row stands here, nothing leaves and nothing is fetched: the installation is a restored copy."""

    since = models.DateTimeField(default=clock.now)
    reason = models.CharField(max_length=200)
