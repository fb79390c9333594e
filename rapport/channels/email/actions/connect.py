"""Saving how an inbox gets and sends its mail, and steering the taking over of earlier mail."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.channels.email.customer_pattern import problem
from rapport.channels.email.models import EmailSettings, HistoryImport, ImportState
from rapport.inboxes.kinds import AboutInbox
from rapport.inboxes.models import Inbox
from rapport.kernel.sentences import say
from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

SECRETS: Final = frozenset(
    {
        "imap_secret",
        "smtp_secret",
        "provider_key",
        "webhook_secret",
        "webhook_api_key",
        "oauth_client_secret",
        "oauth_refresh_token",
    }
)
FIELDS: Final = frozenset(
    {
        *SECRETS,
        "incoming",
        "imap_host",
        "imap_port",
        "imap_security",
        "imap_user",
        "imap_folders",
        "sent_folder",
        "after_read",
        "move_to",
        "history",
        "history_days",
        "oauth_provider",
        "oauth_tenant",
        "oauth_client_id",
        "outgoing",
        "smtp_host",
        "smtp_port",
        "smtp_security",
        "smtp_user",
        "provider",
        "provider_options",
        "webhook_provider",
        "authserv_id",
        "spam_header",
        "form_sender",
        "customer_pattern",
        "acknowledge",
        "acknowledgement",
    }
)
_ARRIVAL: Final = frozenset({"incoming", "imap_host", "imap_user", "imap_folders", "webhook_provider"})
_MASK = "•••"


def connect(*, actor: Agent | None, inbox: Inbox, values: Mapping[str, Any]) -> EmailSettings:
    """Save the settings in ``values``; an empty secret keeps the stored one. The mail process picks them up.

    Raises:
        NotAllowed: the actor may not change settings.
        Refused: the pattern for the customer's address cannot be used.
        KeyError: ``values`` names something that is no setting.

    """
    require(actor, Permission.SETTINGS)
    if unknown := values.keys() - FIELDS:
        raise KeyError(*unknown)
    wrong = problem(values["customer_pattern"]) if values.get("customer_pattern") else None
    if wrong:
        raise Refused("customer_pattern", say(wrong))
    with transaction.atomic():
        settings, _made = EmailSettings.objects.select_for_update().get_or_create(inbox=inbox)
        kept = {name: value for name, value in values.items() if not (name in SECRETS and not value)}
        before = {name: getattr(settings, name) for name in kept}
        changed = [name for name in kept if before[name] != kept[name]]
        if changed:
            _forget_tokens(settings, changed)
            _forget_proof(settings, changed)
            for name in changed:
                setattr(settings, name, kept[name])
            settings.save()
            audit.record(
                actor,
                "inbox.connected",
                AboutInbox(inbox_id=inbox.pk),
                about=inbox,
                before={name: _shown(name, before[name]) for name in changed},
                after={name: _shown(name, kept[name]) for name in changed},
            )
    return settings


def _forget_tokens(settings: EmailSettings, changed: list[str]) -> None:
    if any(name.startswith("oauth_") for name in changed):
        settings.oauth_access_token, settings.oauth_expires_at = "", None


def _forget_proof(settings: EmailSettings, changed: list[str]) -> None:
    """Plus addresses reached the former mailbox; whether they reach this one must be tried again."""
    if _ARRIVAL.intersection(changed):
        settings.plus_test, settings.plus_tested_at = "", None
        settings.plus_proven_for, settings.plus_proven_at = "", None


def _shown(name: str, value: object) -> object:
    return (_MASK if value else "") if name in SECRETS else value


def steer_import(*, actor: Agent | None, inbox: Inbox, running: bool) -> None:
    """Pause the taking over of earlier mail, or go on with it.

    Raises:
        NotAllowed: the actor may not change settings.
        Refused: nothing is being taken over.

    """
    require(actor, Permission.SETTINGS)
    before, after = (
        (ImportState.PAUSED, ImportState.RUNNING) if running else (ImportState.RUNNING, ImportState.PAUSED)
    )
    with transaction.atomic():
        if not HistoryImport.objects.filter(inbox=inbox, state=before).update(state=after):
            raise Refused("history", _("No earlier mail is being taken over."))
        audit.record(
            actor,
            "inbox.history",
            AboutInbox(inbox_id=inbox.pk),
            about=inbox,
            before={"state": before.value},
            after={"state": after.value},
        )
