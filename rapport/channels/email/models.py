"""How an inbox gets and sends its mail, where it stands in each mailbox, and the taking over of old mail."""

import secrets
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel.crypto import EncryptedField


class Incoming(models.TextChoices):
    """How mail comes in."""

    NONE = "none", _("No mail comes in")
    IMAP = "imap", _("Fetch from a mailbox (IMAP)")
    SERVER = "server", _("My mail server hands it over (LMTP or pipe)")
    WEBHOOK = "webhook", _("A mail service calls us (webhook)")


class Outgoing(models.TextChoices):
    """How mail goes out."""

    NONE = "none", _("No mail goes out")
    SMTP = "smtp", _("Mail server (SMTP)")
    PROVIDER = "provider", _("Mail service")


class Security(models.TextChoices):
    """How a connection is protected."""

    TLS = "tls", _("TLS from the start")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("None")


class AfterRead(models.TextChoices):
    """What happens in the mailbox to a mail that is safely stored here."""

    LEAVE = "leave", _("Leave as it is")
    SEEN = "seen", _("Mark as read")
    MOVE = "move", _("Move to a folder")


class History(models.TextChoices):
    """Which mails that stood in the mailbox before it was connected are taken over."""

    FROM_NOW = "from_now", _("From now on")
    DAYS = "days", _("The last days")
    EVERYTHING = "everything", _("Everything")


class OAuth(models.TextChoices):
    """Who gives access tokens for the mailbox."""

    NONE = "", _("Password")
    GOOGLE = "google", _("Google")
    MICROSOFT = "microsoft", _("Microsoft")


MAILBOX = ("imap_host", "imap_port", "imap_user")
"""The settings that say which mailbox an inbox reads; UIDs of another mean nothing in it."""


def _webhook_path() -> str:
    return secrets.token_urlsafe(24)


def _inbox_folder() -> list[str]:
    return ["INBOX"]


class EmailSettings(models.Model):
    """The settings of one e-mail inbox. Secrets stand encrypted and are write-only on every screen."""

    inbox = models.OneToOneField("inboxes.Inbox", on_delete=models.CASCADE, related_name="email")
    changed_at = models.DateTimeField(auto_now=True)

    incoming = models.CharField(_("incoming mail"), max_length=10, choices=Incoming, default=Incoming.NONE)
    imap_host = models.CharField(_("IMAP server"), max_length=255, blank=True)
    imap_port = models.PositiveIntegerField(_("port"), default=993)
    imap_security = models.CharField(_("security"), max_length=8, choices=Security, default=Security.TLS)
    imap_user = models.CharField(_("user name"), max_length=320, blank=True)
    imap_secret = EncryptedField(_("password"), blank=True, default="")
    imap_folders: "models.JSONField[list[str], list[str]]" = models.JSONField(
        _("folders"), default=_inbox_folder
    )
    sent_folder = models.CharField(_("folder of sent mail"), max_length=255, blank=True)
    after_read = models.CharField(
        _("after reading"), max_length=5, choices=AfterRead, default=AfterRead.LEAVE
    )
    move_to = models.CharField(_("move to"), max_length=255, blank=True)
    history = models.CharField(_("earlier mail"), max_length=10, choices=History, default=History.FROM_NOW)
    history_days = models.PositiveIntegerField(_("days"), default=30)

    oauth_provider = models.CharField(
        _("sign-in"), max_length=10, choices=OAuth, default=OAuth.NONE, blank=True
    )
    oauth_tenant = models.CharField(
        _("tenant"), max_length=100, blank=True, validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9.-]*\Z")]
    )
    """Of Microsoft: an organisation's ID or domain; empty for accounts of any organisation."""
    oauth_client_id = models.CharField(_("client ID"), max_length=255, blank=True)
    oauth_client_secret = EncryptedField(_("client secret"), blank=True, default="")
    oauth_refresh_token = EncryptedField(_("refresh token"), blank=True, default="")
    oauth_token_url = models.URLField(_("token address"), blank=True)
    oauth_access_token = EncryptedField(blank=True, default="")
    oauth_expires_at = models.DateTimeField(null=True, blank=True)

    outgoing = models.CharField(_("outgoing mail"), max_length=10, choices=Outgoing, default=Outgoing.NONE)
    smtp_host = models.CharField(_("SMTP server"), max_length=255, blank=True)
    smtp_port = models.PositiveIntegerField(_("port"), default=587)
    smtp_security = models.CharField(_("security"), max_length=8, choices=Security, default=Security.STARTTLS)
    smtp_user = models.CharField(_("user name"), max_length=320, blank=True)
    smtp_secret = EncryptedField(_("password"), blank=True, default="")
    provider = models.CharField(_("mail service"), max_length=20, blank=True)
    provider_key = EncryptedField(_("API key"), blank=True, default="")
    provider_options: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(
        default=dict, blank=True
    )

    webhook_provider = models.CharField(_("mail service"), max_length=20, blank=True)
    webhook_path = models.CharField(max_length=64, default=_webhook_path, unique=True)
    webhook_secret = EncryptedField(_("signing key"), blank=True, default="")
    webhook_api_key = EncryptedField(_("API key to fetch mail with"), blank=True, default="")
    """For services whose calls only name the mail; empty where mail goes out by the same service's key."""

    plus_test = models.CharField(max_length=40, blank=True)
    """Token of the test mail to a plus address that is on its way."""
    plus_tested_at = models.DateTimeField(null=True, blank=True)
    plus_proven_at = models.DateTimeField(null=True, blank=True)
    plus_proven_for = models.CharField(max_length=320, blank=True)
    """The address whose plus address the test mail reached; another address is not proven by it."""
    plus_refused_at = models.DateTimeField(null=True, blank=True)
    """When the mail server last refused a plus address as sender and took the inbox's own."""
    authserv_id = models.CharField(_("name of our mail server in its verdicts"), max_length=255, blank=True)
    spam_header = models.CharField(_("spam header"), max_length=80, blank=True)
    form_sender = models.CharField(_("sender of form mails"), max_length=320, blank=True)
    """Address of a known system (contact form, shop) whose mails name the customer in their text."""
    customer_pattern = models.TextField(_("customer in form mails"), max_length=500, blank=True)
    """Such as ``E-mail: {email}`` and ``Name: {name}``, one per line; see ``customer_pattern.py``."""
    acknowledge = models.BooleanField(_("confirm receipt automatically"), default=False)
    acknowledgement = models.TextField(_("text of the confirmation"), blank=True)

    class Meta:
        verbose_name_plural = "email settings"

    def __str__(self) -> str:
        return f"{self.inbox_id}"


class MailboxCursor(models.Model):
    """How far a folder has been read; moves in the transaction that stores the mails it passes.

    ``since`` is when the folder was connected: after a change of UIDVALIDITY (RFC 9051 §2.3.1.1) everything
    that arrived later is read again, and the unique key of raw rows knows what is here.
    """

    inbox = models.ForeignKey("inboxes.Inbox", on_delete=models.CASCADE, related_name="cursors")
    folder = models.CharField(max_length=255)
    uidvalidity = models.PositiveBigIntegerField()
    last_uid = models.PositiveBigIntegerField(default=0)
    since = models.DateTimeField()
    connected_uid = models.PositiveBigIntegerField(default=0)
    """The last mail that stood here when the folder was connected; what came before is history."""
    rescan_until = models.PositiveBigIntegerField(default=0)
    """UIDs up to here are looked through again after a change of UIDVALIDITY."""
    tidied_uid = models.PositiveBigIntegerField(default=0)
    """Up to here stored mails have been marked or moved as the settings say."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inbox", "folder"], name="cursor_once_per_folder"),
        ]


class ImportState(models.TextChoices):
    """Where the taking over of old mail stands."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")
    UNDONE = "undone", _("Taken back")


class HistoryImport(models.Model):
    """The taking over of mail that stood in the mailbox before it was connected.

    ``position`` names the last mail taken over, as arrival time, folder and UID: a stopped import goes on
    from there.
    """

    inbox = models.ForeignKey("inboxes.Inbox", on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.RUNNING)
    since = models.DateTimeField(null=True)
    """Earliest arrival to take over; empty for everything."""
    until = models.DateTimeField()
    """Arrivals from here on come the ordinary way."""
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    position: "models.JSONField[list[str | int], list[str | int]]" = models.JSONField(default=list)
    trouble = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["inbox"],
                name="one_import_at_a_time",
                condition=models.Q(state__in=["running", "paused"]),
            ),
        ]
