"""Adding, changing, stopping and starting inboxes."""

from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.inboxes.kinds import AboutInbox
from rapport.inboxes.models import Inbox
from rapport.staff import audit
from rapport.staff.actions.create_agent import clean_address
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


@dataclass(frozen=True, kw_only=True)
class Basics:
    """What every inbox has, whatever its channel."""

    name: str
    address: str
    brand_id: int
    team_id: int
    sender_name: str = ""


def _cleaned(basics: Basics, inbox: Inbox | None = None) -> dict[str, object]:
    name = " ".join(basics.name.split())[:80]
    if not name:
        raise Refused("name", _("A name is needed."))
    others = Inbox.objects.exclude(pk=inbox.pk if inbox else 0)
    if others.filter(name__iexact=name, brand_id=basics.brand_id).exists():
        raise Refused("name", _("This brand already has an inbox of this name."))
    return asdict(basics) | {
        "name": name,
        "address": clean_address(basics.address),
        "sender_name": basics.sender_name.strip()[:120],
    }


def create_inbox(*, actor: Agent | None, basics: Basics, kind: str = "email") -> Inbox:
    """Add an inbox; nothing comes in before its channel is set up. Raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.SETTINGS)
    values = _cleaned(basics)
    try:
        with transaction.atomic():
            inbox = Inbox.objects.create(kind=kind, **values)
            audit.record(actor, "inbox.created", AboutInbox(inbox_id=inbox.pk), about=inbox, after=values)
    except IntegrityError:
        raise Refused("address", _("Another inbox has this address.")) from None
    return inbox


def edit_inbox(*, actor: Agent | None, inbox: Inbox, basics: Basics) -> None:
    """Change an inbox; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.SETTINGS)
    values = _cleaned(basics, inbox)
    try:
        with transaction.atomic():
            audit.change(actor, "inbox.changed", AboutInbox(inbox_id=inbox.pk), about=inbox, values=values)
    except IntegrityError:
        raise Refused("address", _("Another inbox has this address.")) from None
    inbox.refresh_from_db()


def activate_inbox(*, actor: Agent | None, inbox: Inbox, active: bool) -> None:
    """Stop fetching for an inbox, or start again; what came in stays. Raises ``NotAllowed``."""
    require(actor, Permission.SETTINGS)
    with transaction.atomic():
        if not Inbox.objects.filter(pk=inbox.pk, active=not active).update(active=active):
            return
        kind = "inbox.started" if active else "inbox.stopped"
        audit.record(actor, kind, AboutInbox(inbox_id=inbox.pk), about=inbox)
    inbox.active = active
