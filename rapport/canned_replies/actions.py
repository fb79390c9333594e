"""Adding, changing and archiving canned replies."""

import hashlib
import re
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from rapport.canned_replies.kinds import AboutCannedReply
from rapport.canned_replies.models import CannedReply
from rapport.conversations.variables import VARIABLES
from rapport.kernel.text.extract import text_of
from rapport.kernel.text.places import strange_place
from rapport.kernel.text.sanitise import formatted
from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

_SHORTCUT = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Everything an agent writes about a canned reply."""

    name: str
    shortcut: str
    html: str
    brand_id: int | None = None
    team_id: int | None = None
    language: str = ""


def _cleaned(wording: Wording) -> dict[str, object]:
    shortcut = wording.shortcut.strip().lstrip("/").lower()
    html = formatted(wording.html)
    if not wording.name.strip():
        raise Refused("name", _("A name is needed."))
    if not _SHORTCUT.fullmatch(shortcut):
        raise Refused("shortcut", _("A shortcut is one word of letters, digits and hyphens."))
    if not html:
        raise Refused("html", _("A text is needed."))
    if strange := strange_place(html, VARIABLES):
        words = _("%(strange)s is none of the variables below and would go to the customer as it stands.")
        raise Refused("text", words % {"strange": strange})
    return asdict(wording) | {"name": wording.name.strip()[:80], "shortcut": shortcut, "html": html}


def create_canned_reply(*, actor: Agent | None, wording: Wording) -> CannedReply:
    """Add a canned reply; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.CANNED_REPLIES)
    values = _cleaned(wording)
    try:
        with transaction.atomic():
            reply = CannedReply.objects.create(**values)
            audit.record(
                actor,
                "canned_reply.created",
                AboutCannedReply(canned_reply_id=reply.pk),
                about=reply,
                after=values,
            )
    except IntegrityError:
        raise Refused("shortcut", _("Another canned reply has this shortcut.")) from None
    return reply


def seen(reply: CannedReply) -> str:
    """Return a mark of what a canned reply says now, by which a form knows whether somebody changed it."""
    said = (reply.name, reply.shortcut, reply.html, reply.brand_id, reply.team_id, reply.language)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def edit_canned_reply(*, actor: Agent | None, reply: CannedReply, wording: Wording, token: str = "") -> None:
    """Change a canned reply that still says what ``token`` saw; raises ``NotAllowed`` and ``Refused``."""
    require(actor, Permission.CANNED_REPLIES)
    values = _cleaned(wording)
    try:
        with transaction.atomic():
            fresh = CannedReply.objects.select_for_update().get(pk=reply.pk)
            if token and token != seen(fresh):
                words = _(
                    "Somebody changed it meanwhile. It now says: %(text)s — Save again to put yours there."
                )
                raise Refused("text", words % {"text": text_of(fresh.html).strip()[:300]})
            audit.change(
                actor,
                "canned_reply.changed",
                AboutCannedReply(canned_reply_id=reply.pk),
                about=reply,
                values=values,
            )
    except IntegrityError:
        raise Refused("shortcut", _("Another canned reply has this shortcut.")) from None
    reply.refresh_from_db()


def archive_canned_reply(*, actor: Agent | None, reply: CannedReply, archived: bool) -> None:
    """Take a canned reply out of the composer, or bring it back; raises ``NotAllowed``."""
    require(actor, Permission.CANNED_REPLIES)
    with transaction.atomic():
        if not CannedReply.objects.filter(pk=reply.pk, archived=not archived).update(archived=archived):
            return
        kind = "canned_reply.archived" if archived else "canned_reply.restored"
        audit.record(actor, kind, AboutCannedReply(canned_reply_id=reply.pk), about=reply)
    reply.archived = archived
