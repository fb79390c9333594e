"""The audit entries of inboxes. What changed stands in ``AuditWords``, secrets only as changed or not."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rapport.kernel.stream.kinds import Audience, Kind, register_kind


@dataclass(frozen=True, kw_only=True)
class AboutInbox:
    """Something about one inbox."""

    inbox_id: int


KINDS = (
    Kind("inbox.created", AboutInbox, Audience.INTERNAL, _("added an inbox"), icon="plus"),
    Kind("inbox.changed", AboutInbox, Audience.INTERNAL, _("changed an inbox"), icon="pencil"),
    Kind(
        "inbox.connected", AboutInbox, Audience.INTERNAL, _("changed how an inbox is connected"), icon="plug"
    ),
    Kind(
        "inbox.stopped",
        AboutInbox,
        Audience.INTERNAL,
        _("stopped an inbox"),
        icon="pause",
        inverse="inbox.started",
    ),
    Kind(
        "inbox.started",
        AboutInbox,
        Audience.INTERNAL,
        _("started an inbox"),
        icon="play",
        inverse="inbox.stopped",
    ),
    Kind("inbox.deleted", AboutInbox, Audience.INTERNAL, _("deleted an inbox"), icon="trash-2"),
    Kind("inbox.history", AboutInbox, Audience.INTERNAL, _("took over earlier mail"), icon="history"),
)


def register() -> None:
    """Declare all kinds; called once by the app's ``ready``."""
    for kind in KINDS:
        register_kind("audit", kind)
