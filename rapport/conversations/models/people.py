"""Who takes part, follows, was mentioned, has read."""

from typing import ClassVar

from django.db import models


class Participant(models.Model):
    """Somebody outside who takes part: the customer or a person in copy.

    A participant sees only what is sent to them. ``pending`` means that the address came in by itself and no
    agent has accepted it yet: our answers keep going to the known participants.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="participants"
    )
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, default="customer")
    pending = models.BooleanField(default=False)
    since_seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "address"], name="participant_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["address"], name="participant_address")]


class Follower(models.Model):
    """An agent who wants to hear of a conversation that is not theirs."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="followers"
    )
    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="following")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "agent"], name="follower_once"),
        ]


class Mention(models.Model):
    """An agent named in a note. It also lets that agent see the conversation."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="mentions"
    )
    note = models.ForeignKey("conversations.Note", on_delete=models.CASCADE, related_name="mentions")
    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="mentions")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "agent"], name="mention_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["agent", "-created_at"], name="mention_list")]


class ReadMark(models.Model):
    """How far an agent has read a conversation."""

    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "conversation"], name="read_mark_once"),
        ]
