"""The timeline of a conversation."""

from typing import ClassVar

from django.db import models

from rapport.kernel.stream.models import StreamEntry


class Entry(StreamEntry):
    """One immutable line of a conversation's timeline. Written by ``timeline.append`` only."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.PROTECT, related_name="entries"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="conversation_seq_once"),
        ]

    @property
    def tells_nobody(self) -> bool:
        """Whether a machine or a blocked address wrote: nobody waits for an answer, and none is stopped."""
        return bool(self.payload.get("automatic") or self.payload.get("quiet"))


class EntryWords(models.Model):
    """Words that an entry changed (an old and a new subject); erasable while the entry stays."""

    entry = models.OneToOneField(
        "conversations.Entry", primary_key=True, on_delete=models.CASCADE, related_name="words"
    )
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
