"""Words: public messages, internal notes, talks with third parties, drafts, and the files with them.

Three tables, not a flag: no outlet towards customers takes anything but a Message.
"""

from typing import ClassVar

from django.db import models


class Direction(models.TextChoices):
    """From the customer, or from us."""

    IN = "in"
    OUT = "out"


class Written(models.Model):
    """What all words share. ``html`` is the sanitised reading form; ``text`` the same without markup."""

    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    sanitiser = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Message(Written):
    """Public words, from the customer or from us.

    ``why`` holds the reasons that put it here, ``unverified`` that its sender is not proven to be the
    participant whose thread it answers. ``identity`` is the Message-ID with its angle brackets.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.PROTECT, related_name="messages"
    )
    direction = models.CharField(max_length=3, choices=Direction)
    agent = models.ForeignKey("staff.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+")
    inbox = models.ForeignKey("inboxes.Inbox", null=True, on_delete=models.PROTECT, related_name="+")
    raw = models.ForeignKey("inboxes.RawInbound", null=True, on_delete=models.SET_NULL, related_name="+")
    channel = models.CharField(max_length=20, default="email")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    quoted_html = models.TextField(blank=True)
    signature_html = models.TextField(blank=True)
    identity = models.CharField(max_length=500, blank=True)
    provider_id = models.CharField(max_length=500, blank=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True)
    token = models.CharField(max_length=40, blank=True)
    automatic = models.BooleanField(default=False)
    unverified = models.BooleanField(default=False)
    # The send that wrote it: a POST that comes a second time finds the row of the first.
    nonce = models.CharField(max_length=64, null=True, blank=True, unique=True)
    remote_images = models.BooleanField(default=False)
    why = models.JSONField(default=list)
    redacted = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id"], name="message_thread"),
            models.Index(fields=["identity"], name="message_identity"),
            models.Index(fields=["provider_id"], name="message_provider"),
            models.Index(fields=["token"], name="message_token"),
        ]

    @property
    def signed_html(self) -> str:
        """What was written, with the signature that is folded beneath it."""
        return self.html + self.signature_html

    @property
    def written_by(self) -> str:
        """The address in From, where another one was named for answers; else nothing."""
        return str(self.reason("written_by").get("address", ""))

    @property
    def disowned(self) -> bool:
        """Whether the mail server of the address in From does not vouch for it."""
        return bool(self.reason("disowned"))

    @property
    def quiet(self) -> bool:
        """Whether it came from a blocked address into a known conversation, and told nobody."""
        return bool(self.reason("blocked"))

    def reason(self, code: str) -> dict[str, str]:
        """Return why it is here, or how it came, under this code; nothing where that does not hold."""
        return next((reason for reason in self.why if reason.get("code") == code), {})


class Note(Written):
    """Internal words of one agent to others."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.PROTECT, related_name="notes"
    )
    agent = models.ForeignKey("staff.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    # The post that wrote down a call: one that comes a second time finds the row of the first.
    nonce = models.CharField(max_length=64, null=True, blank=True, unique=True)


class SideMessage(Written):
    """Words exchanged with a third party: a forward and the answers to it. Never public.

    ``typed`` is how many characters of ``html`` the agent wrote, ``signed`` how many with the signature, None
    in older rows. What is quoted follows: the public message ``forwarded``, or the side message ``answered``.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.PROTECT, related_name="side_messages"
    )
    direction = models.CharField(max_length=3, choices=Direction)
    agent = models.ForeignKey("staff.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    inbox = models.ForeignKey("inboxes.Inbox", null=True, on_delete=models.PROTECT, related_name="+")
    raw = models.ForeignKey("inboxes.RawInbound", null=True, on_delete=models.SET_NULL, related_name="+")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    typed = models.PositiveIntegerField(default=0)
    signed = models.PositiveIntegerField(null=True)
    forwarded = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered = models.ForeignKey(
        "conversations.SideMessage", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The send that wrote it: a POST that comes a second time finds the row of the first.
    nonce = models.CharField(max_length=64, null=True, blank=True, unique=True)
    identity = models.CharField(max_length=500, blank=True)
    provider_id = models.CharField(max_length=500, blank=True)
    token = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id"], name="side_thread"),
            models.Index(fields=["token"], name="side_token"),
            models.Index(fields=["identity"], name="side_identity"),
            models.Index(fields=["provider_id"], name="side_provider"),
        ]


class Draft(models.Model):
    """What an agent is writing, kept on the server. ``seen_seq`` is the last entry they had seen.

    ``below`` is what a forward has below its words; see ``rapport.conversations.below``. ``call`` is what is
    known of a phone call beside what was said, in the draft of one.
    """

    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(
        "conversations.Conversation", null=True, on_delete=models.CASCADE, related_name="drafts"
    )
    kind = models.CharField(max_length=10, default="reply")
    html = models.TextField(blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    bcc = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    seen_seq = models.PositiveIntegerField(default=0)
    below = models.JSONField(default=dict)
    call = models.JSONField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "conversation", "kind"], name="draft_once"),
        ]


class ClosedForm(models.Model):
    """A tab of a composer that was sent or emptied: its saves up to the number ``until`` come too late."""

    agent = models.ForeignKey("staff.Agent", on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, default="")
    until = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agent", "nonce", "kind"], name="closed_form_once"),
        ]


class Attachment(models.Model):
    """A file with words, or with a draft until it is sent."""

    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.CASCADE, related_name="attachments"
    )
    note = models.ForeignKey(
        "conversations.Note", null=True, on_delete=models.CASCADE, related_name="attachments"
    )
    side_message = models.ForeignKey(
        "conversations.SideMessage", null=True, on_delete=models.CASCADE, related_name="attachments"
    )
    draft = models.ForeignKey(
        "conversations.Draft", null=True, on_delete=models.SET_NULL, related_name="attachments"
    )
    uploader = models.ForeignKey("staff.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    content_id = models.CharField(max_length=255, blank=True)
    inline = models.BooleanField(default=False)
