"""What every append-only stream shares, and the outbox of its reactions."""

from functools import cache
from typing import Any, ClassVar

from django.db import models

from rapport.kernel.jobs.models import Leased


class ActorKind(models.TextChoices):
    """Who did it."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    INTEGRATION = "integration"


class Origin(models.TextChoices):
    """Whether it happened here, or was taken over; only ``live`` entries start anything by default."""

    LIVE = "live"
    IMPORT = "import"
    DEMO = "demo"


class StreamEntry(models.Model):
    """One immutable line of a stream. Written by ``stream.append.append`` only, never changed, never moved.

    A concrete entry has exactly one foreign key to a model with ``last_seq``: its stream. It declares the
    pair (stream, seq) unique.
    """

    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=12, choices=ActorKind)
    actor_id = models.BigIntegerField(null=True)
    audience = models.CharField(max_length=8)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    origin = models.CharField(max_length=6, choices=Origin, default=Origin.LIVE)
    caused_by = models.BigIntegerField(null=True)
    payload: "models.JSONField[Any, Any]" = models.JSONField(default=dict)

    class Meta:
        abstract = True

    @classmethod
    def stream_field(cls) -> "models.ForeignKey[Any, Any]":
        """Return the foreign key to the stream that numbers these entries."""
        return _stream_field(cls)


@cache
def _stream_field(entry: type[StreamEntry]) -> "models.ForeignKey[Any, Any]":
    fields = [
        field
        for field in entry._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and any(column.name == "last_seq" for column in field.related_model._meta.concrete_fields)
    ]
    if len(fields) != 1:
        raise TypeError(f"{entry.__name__} needs exactly one foreign key to a stream, it has {len(fields)}")
    return fields[0]


class PendingReaction(Leased):
    """Reactions that an entry still owes. Empty ``reaction``: all of its kind; else the one that failed."""

    model = models.CharField(max_length=80)
    entry_id = models.BigIntegerField()
    reaction = models.CharField(max_length=160, blank=True, default="")

    class Meta(Leased.Meta):
        indexes: ClassVar = [*Leased.Meta.indexes]
