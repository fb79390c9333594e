"""The audit entries of canned replies."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rapport.kernel.stream.kinds import Audience, Kind, register_kind


@dataclass(frozen=True, kw_only=True)
class AboutCannedReply:
    """Something about one canned reply; its words stand in ``AuditWords``."""

    canned_reply_id: int


KINDS = (
    Kind("canned_reply.created", AboutCannedReply, Audience.INTERNAL, _("added a canned reply"), icon="plus"),
    Kind(
        "canned_reply.changed",
        AboutCannedReply,
        Audience.INTERNAL,
        _("changed a canned reply"),
        icon="pencil",
    ),
    Kind(
        "canned_reply.archived",
        AboutCannedReply,
        Audience.INTERNAL,
        _("archived a canned reply"),
        icon="archive",
        inverse="canned_reply.restored",
    ),
    Kind(
        "canned_reply.restored",
        AboutCannedReply,
        Audience.INTERNAL,
        _("brought a canned reply back"),
        icon="rotate-ccw",
        inverse="canned_reply.archived",
    ),
)


def register() -> None:
    """Declare all kinds; called once by the app's ``ready``."""
    for kind in KINDS:
        register_kind("audit", kind)
