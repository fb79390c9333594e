"""Saving how an inbox gets and sends its mail, and steering the taking over of earlier mail."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.channels.email.actions.begin_import import begin_wished_later
from rapport.channels.email.customer_pattern import problem
from rapport.channels.email.entrusted import betrayed
from rapport.channels.email.models import (
    MAILBOX,
    EmailSettings,
    History,
    HistoryImport,
    ImportState,
    MailboxCursor,
)
from rapport.inboxes.actions.trouble import clear_trouble
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
_DEPARTURE: Final = frozenset({"outgoing", "smtp_host", "smtp_port", "smtp_user"})
# ``last_received_at`` is written once a minute, and the mail server's clock is not ours.
_MARGIN: Final = timedelta(minutes=10)
_MASK = "•••"
ENTER_AGAIN: Final = _(
    "Enter this again: the server, the user or the security changed, and nobody else gets what is stored."
)


def connect(*, actor: Agent | None, inbox: Inbox, values: Mapping[str, Any]) -> EmailSettings:
    """Save the settings in ``values``; an empty secret keeps the stored one. The mail process picks them up.

    A stored secret stays with whom it was entered for: with another server it must be entered again, and one
    that is of no use there is forgotten.

    Raises:
        NotAllowed: the actor may not change settings.
        Refused: the pattern for the customer's address cannot be used, or a secret must be entered again.
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
        kept = _kept(settings, values)
        before = {name: getattr(settings, name) for name in kept}
        changed = [name for name in kept if before[name] != kept[name]]
        if changed:
            _store(settings, {name: kept[name] for name in changed})
            audit.record(
                actor,
                "inbox.connected",
                AboutInbox(inbox_id=inbox.pk),
                about=inbox,
                before={name: _shown(name, before[name]) for name in changed},
                after={name: _shown(name, kept[name]) for name in changed},
            )
    return settings


def _kept(settings: EmailSettings, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be stored: without the empty secrets, but for those that are forgotten."""
    given = {name: value for name, value in values.items() if not (name in SECRETS and not value)}
    for name, needed in betrayed(settings, given).items():
        if needed:
            raise Refused(name, ENTER_AGAIN)
        given[name] = ""
    return given


def _store(settings: EmailSettings, changed: Mapping[str, Any]) -> None:
    _forget_tokens(settings, changed)
    _forget_proof(settings, changed)
    for name, value in changed.items():
        setattr(settings, name, value)
    settings.save()
    clear_trouble(inbox_id=settings.inbox_id)
    if not changed.keys().isdisjoint(MAILBOX):
        _count_anew(settings.inbox)
    if _wants_earlier(settings, changed):
        begin_wished_later(settings=settings)


def _wants_earlier(settings: EmailSettings, changed: Collection[str]) -> bool:
    return "history" in changed or ("history_days" in changed and settings.history == History.DAYS)


def _forget_tokens(settings: EmailSettings, changed: Collection[str]) -> None:
    if any(name.startswith("oauth_") for name in changed):
        settings.oauth_access_token, settings.oauth_expires_at = "", None


def _forget_proof(settings: EmailSettings, changed: Collection[str]) -> None:
    """Plus addresses reached the former mailbox, and the former server refused them as senders."""
    if _ARRIVAL.intersection(changed):
        settings.plus_test, settings.plus_tested_at = "", None
        settings.plus_proven_for, settings.plus_proven_at = "", None
    if _DEPARTURE.intersection(changed):
        settings.plus_refused_at = None


def _count_anew(inbox: Inbox) -> None:
    """UIDs of the former mailbox mean nothing in this one, which may count by the same UIDVALIDITY.

    What arrived since the last mail we got is looked through; the unique key of raw rows knows what is here.
    """
    last = Inbox.objects.values_list("last_received_at", flat=True).get(pk=inbox.pk)
    for cursor in MailboxCursor.objects.filter(inbox=inbox):
        cursor.since = max(cursor.since, last - _MARGIN) if last else cursor.since
        cursor.uidvalidity = 0
        cursor.save()
    HistoryImport.objects.filter(inbox=inbox).update(position=[])


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
