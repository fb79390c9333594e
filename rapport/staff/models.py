"""Accounts sign in; agents answer. Brands and teams say for whom."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.kernel import clock
from rapport.kernel.stream.models import StreamEntry
from rapport.staff.permissions import ROLE_PERMISSIONS, ROLE_REACH, Reach
from rapport.staff.roles import Role


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by their address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        """Return the account with this address; raises ``Account.DoesNotExist``."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        """Create an account; without a password it cannot sign in until its invitation is accepted."""
        account = self.model(email=email.strip().lower(), **fields)
        account.set_password(password) if password else account.set_unusable_password()
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Sign-in only: an address, a password, and the epoch that ends all its sessions when raised."""

    email = models.EmailField(_("address"), unique=True)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    def __str__(self) -> str:
        return self.email

    @property
    def name(self) -> str:
        """The person's name, which must not be the password; empty for an account without agent."""
        agent: Agent | None = getattr(self, "agent", None)
        return agent.name if agent else ""

    def get_session_auth_hash(self) -> str:
        """Change with the password and with ``session_epoch``, so that raising it signs out everywhere."""
        return f"{super().get_session_auth_hash()}{self.session_epoch}"


class Brand(models.Model):
    """A face of the company towards its customers: name, look, signature."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    colour = models.CharField(_("colour"), max_length=7, default="#3557d6")
    signature_html = models.TextField(_("signature"), blank=True)
    website = models.URLField(_("website"), blank=True)
    archived = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who share a queue."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    archived = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """A member of staff who answers; one-to-one on an account."""

    account = models.OneToOneField("staff.Account", on_delete=models.PROTECT, related_name="agent")
    name = models.CharField(_("name"), max_length=120)
    public_name = models.CharField(_("name shown to customers"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.REPRESENTATIVE)
    teams = models.ManyToManyField("staff.Team", related_name="members", blank=True)
    brands = models.ManyToManyField("staff.Brand", related_name="agents", blank=True)
    avatar = models.ForeignKey("files.StoredFile", null=True, blank=True, on_delete=models.SET_NULL)
    signature_html = models.TextField(_("signature"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en")
    bio = models.CharField(_("about"), max_length=200, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name that customers read."""
        return self.public_name or self.name

    @property
    def reach(self) -> Reach:
        """On which conversations this agent acts."""
        return ROLE_REACH[Role(self.role)]

    def can(self, permission: str, /) -> bool:
        """Tell whether the agent's role may do this act at all; rows are a matter of ``reach``."""
        return self.active and permission in ROLE_PERMISSIONS[Role(self.role)]

    def team_ids(self) -> frozenset[int]:
        """Ids of the agent's teams, read once per instance."""
        if not hasattr(self, "_team_ids"):
            self._team_ids = frozenset(
                Agent.teams.through.objects.filter(agent_id=self.pk).values_list("team_id", flat=True)
            )
        return self._team_ids

    def brand_ids(self) -> frozenset[int]:
        """Ids of the agent's brands, read once per instance."""
        if not hasattr(self, "_brand_ids"):
            self._brand_ids = frozenset(
                Agent.brands.through.objects.filter(agent_id=self.pk).values_list("brand_id", flat=True)
            )
        return self._brand_ids


class Invitation(models.Model):
    """A one-time link that lets an invited person choose a password; only the token's hash is kept."""

    account = models.ForeignKey("staff.Account", on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class SetUpLink(models.Model):
    """A one-time link that lets the first administrator in; worth nothing once there is an agent."""

    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class AuditStream(models.Model):
    """The one stream of audit entries; its row is the lock that numbers them."""

    last_seq = models.PositiveIntegerField(default=0)


class AuditEntry(StreamEntry):
    """One change of rights or settings."""

    stream = models.ForeignKey("staff.AuditStream", on_delete=models.PROTECT, related_name="entries")
    subject_kind = models.CharField(max_length=40, default="")
    subject_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="audit_seq_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "-seq"], name="audit_subject"),
        ]


class AuditWords(models.Model):
    """The words of an audit entry (old and new values); erasable while the entry stays."""

    entry = models.OneToOneField("staff.AuditEntry", on_delete=models.CASCADE, related_name="words")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
