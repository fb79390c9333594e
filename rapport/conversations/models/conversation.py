"""The conversation: one matter with one customer, and the columns that lists sort and filter by."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

FIRST_NUMBER = 10_000


class Status(models.TextChoices):
    """Where a conversation stands. Snoozing is a time of its own, not a status."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting for customer")
    ON_HOLD = "on_hold", _("On hold")
    SOLVED = "solved", _("Solved")
    CLOSED = "closed", _("Closed")


ENDED = frozenset({Status.SOLVED, Status.CLOSED})
"""Where nobody waits for anybody: what is left to do with a conversation begins with reopening it."""


class Priority(models.IntegerChoices):
    """How urgent, in steps that people can tell apart."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


class Kind(models.TextChoices):
    """The kind of contact."""

    UNSET = "", _("Not set")
    INQUIRY = "inquiry", _("Inquiry")
    COMPLAINT = "complaint", _("Complaint")
    TECHNICAL = "technical", _("Technical problem")
    RETURN = "return", _("Return")
    PRAISE = "praise", _("Praise")
    FEEDBACK = "feedback", _("Feedback")
    TASK = "task", _("Task")


class Folder(models.TextChoices):
    """Which lists a conversation stands in; derived from status, snooze, spam and deletion."""

    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting")
    SNOOZED = "snoozed", _("Snoozed")
    SOLVED = "solved", _("Solved")
    SPAM = "spam", _("Spam")
    DELETED = "deleted", _("Deleted")


class Tag(models.Model):
    """A word that agents put on conversations."""

    name = models.CharField(_("name"), max_length=50, unique=True)
    colour = models.CharField(_("colour"), max_length=7, default="#667085")

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """State lives here and changes in the transaction of its timeline entry.

    ``last_message_at`` is our receipt time, never a mail's ``Date``. ``elsewhere`` says whether other teams'
    inboxes show it too, and is read with the lock.
    """

    elsewhere: bool = False
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    kind = models.CharField(_("kind of contact"), max_length=20, choices=Kind, default=Kind.UNSET, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    folder = models.CharField(max_length=8, choices=Folder, default=Folder.OPEN)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="conversations")
    identity = models.ForeignKey("customers.Identity", null=True, on_delete=models.SET_NULL, related_name="+")
    inbox = models.ForeignKey("inboxes.Inbox", on_delete=models.PROTECT, related_name="conversations")
    brand = models.ForeignKey("staff.Brand", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("staff.Team", on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(
        "staff.Agent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    tags = models.ManyToManyField("conversations.Tag", related_name="conversations", blank=True)
    tag_names = models.JSONField(default=list, blank=True)
    last_seq = models.PositiveIntegerField(default=0)
    news_seq = models.PositiveIntegerField(default=0)
    preview = models.CharField(max_length=160, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    has_files = models.BooleanField(default=False)
    delivery_failed = models.BooleanField(default=False)
    spam = models.BooleanField(default=False)
    origin = models.CharField(max_length=10, default="live")
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Each standard view is one range scan; the trailing id makes keyset pages exact.
        indexes: ClassVar = [
            models.Index(fields=["folder", "-last_message_at", "-id"], name="conv_folder"),
            models.Index(fields=["brand", "folder", "-last_message_at", "-id"], name="conv_brand"),
            models.Index(fields=["assignee", "folder", "-last_message_at", "-id"], name="conv_assignee"),
            models.Index(fields=["customer", "-last_message_at"], name="conv_customer"),
            models.Index(
                fields=["folder", "-last_message_at", "-id"],
                name="conv_unassigned",
                condition=models.Q(assignee__isnull=True),
            ),
            models.Index(
                fields=["snoozed_until"], name="conv_wakes", condition=models.Q(snoozed_until__isnull=False)
            ),
            models.Index(fields=["status", "solved_at"], name="conv_closes"),
            # Few are not delivered: what asks for those must not walk all of a team or a brand.
            *(
                models.Index(
                    fields=[*scope, "-last_message_at", "-id"],
                    name="_".join(["conv_failed", *scope]),
                    condition=models.Q(delivery_failed=True),
                )
                for scope in ([], ["team"], ["brand"])
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def number(self) -> int:
        """The number that people say; it grants nothing."""
        return self.pk + FIRST_NUMBER


class ConversationInbox(models.Model):
    """One inbox that a conversation reached, with the columns of the team lists.

    The home inbox answers; its row carries the conversation's team, the others their inbox's team and brand.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="places"
    )
    inbox = models.ForeignKey("inboxes.Inbox", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("staff.Team", on_delete=models.PROTECT, related_name="+")
    brand = models.ForeignKey(
        "staff.Brand", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    home = models.BooleanField(default=True)
    folder = models.CharField(max_length=8, choices=Folder, default=Folder.OPEN)
    assigned = models.BooleanField(default=False)
    last_message_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "inbox"], name="conversation_once_per_inbox"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "folder", "-last_message_at", "-conversation"], name="place_team"),
            models.Index(
                fields=["team", "folder", "-last_message_at", "-conversation"],
                name="place_team_unassigned",
                condition=models.Q(assigned=False),
            ),
            # Few rows are not at home: what asks only for those must not walk a team's whole list.
            models.Index(
                fields=["brand", "folder", "-last_message_at", "-conversation"],
                name="place_brand",
                condition=models.Q(home=False),
            ),
            models.Index(
                fields=["team", "conversation"], name="place_elsewhere", condition=models.Q(home=False)
            ),
        ]


class Bond(models.TextChoices):
    """How a conversation has to do with another one."""

    MAYBE = "maybe"
    FOLLOW_UP = "follow_up"
    CONTINUED = "continued"


class ConversationLink(models.Model):
    """Two conversations that have to do with each other: ``follow_up`` or ``maybe`` (belongs to)."""

    source = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="links")
    target = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="linked_from"
    )
    kind = models.CharField(max_length=12)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
        ]
