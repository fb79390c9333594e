"""Deleting an inbox that was made by mistake."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.inboxes.kinds import AboutInbox
from rapport.inboxes.models import Inbox
from rapport.inboxes.queries.used import used
from rapport.staff import audit
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def delete_inbox(*, actor: Agent | None, inbox: Inbox) -> None:
    """Delete an inbox with its connection.

    Raises:
        NotAllowed: the actor may not change settings.
        Refused: something came in or went out.

    """
    require(actor, Permission.SETTINGS)
    with transaction.atomic():
        # What arrives at this moment waits for the row, and then finds no inbox.
        locked = Inbox.objects.select_for_update().filter(pk=inbox.pk).first()
        if locked is None:
            return
        if used(locked):
            raise Refused("inbox", _("Mail came in here or went out. The inbox can only be stopped."))
        before = {name: getattr(locked, name) for name in ("name", "address", "brand_id", "team_id")}
        audit.record(actor, "inbox.deleted", AboutInbox(inbox_id=locked.pk), about=locked, before=before)
        locked.delete()
