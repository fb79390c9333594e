"""Each kind of entry on a conversation's timeline, declared once.

Payloads hold ids, numbers, times, booleans and enums: facts that may stay when words are erased.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.conversations.models import Bond, Priority, Status
from rapport.conversations.models import Kind as ContactKind
from rapport.kernel.stream.kinds import Audience, Kind, register_kind


@dataclass(frozen=True, kw_only=True)
class Received:
    message_id: int
    first: bool = False
    automatic: bool = False
    unverified: bool = False
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Sent:
    message_id: int
    delivery_id: int | None
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageMoved:
    message_id: int
    other_id: int


@dataclass(frozen=True, kw_only=True)
class Noted:
    note_id: int
    mentioned_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CallLogged:
    note_id: int
    inbound: bool
    minutes: int


@dataclass(frozen=True, kw_only=True)
class SideSent:
    side_message_id: int
    delivery_id: int


@dataclass(frozen=True, kw_only=True)
class SideReceived:
    side_message_id: int
    answered_id: int | None = None
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Assigned:
    agent_id: int | None
    before_id: int | None


@dataclass(frozen=True, kw_only=True)
class TeamChanged:
    team_id: int
    before_id: int


@dataclass(frozen=True, kw_only=True)
class StatusChanged:
    """``solved_at`` and ``snoozed_until``: what the change ended, so that it can come back."""

    status: Status
    before: Status
    solved_at: datetime | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PriorityChanged:
    priority: Priority
    before: Priority


@dataclass(frozen=True, kw_only=True)
class KindChanged:
    kind: ContactKind
    before: ContactKind


@dataclass(frozen=True, kw_only=True)
class SubjectChanged:
    """The words stand in ``EntryWords``."""


@dataclass(frozen=True, kw_only=True)
class TagsChanged:
    added_ids: tuple[int, ...]
    removed_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Snoozed:
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Woken:
    by_customer: bool = False


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """Spam marked or unmarked, deleted or restored: the kind says which."""


@dataclass(frozen=True, kw_only=True)
class DeliveryChanged:
    delivery_id: int
    message_id: int | None
    side_message_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Bounced:
    delivery_id: int | None
    recipient_id: int | None
    hard: bool


@dataclass(frozen=True, kw_only=True)
class ParticipantChanged:
    participant_id: int


@dataclass(frozen=True, kw_only=True)
class CustomerChanged:
    customer_id: int
    former_id: int


@dataclass(frozen=True, kw_only=True)
class Linked:
    other_id: int
    how: Bond = Bond.MAYBE


PUBLIC = Audience.PUBLIC
INTERNAL = Audience.INTERNAL

KINDS = (
    Kind("message.received", Received, icon="mail", audience=PUBLIC, sentence=_("wrote")),
    Kind("message.sent", Sent, icon="send", audience=PUBLIC, sentence=_("replied")),
    Kind(
        "message.moved_out",
        MessageMoved,
        icon="arrow-right",
        audience=INTERNAL,
        sentence=_("moved a message away"),
    ),
    Kind(
        "message.moved_in",
        MessageMoved,
        icon="arrow-left",
        audience=INTERNAL,
        sentence=_("moved a message here"),
    ),
    Kind("note.added", Noted, icon="sticky-note", audience=INTERNAL, sentence=_("noted")),
    Kind("call.logged", CallLogged, icon="phone", audience=INTERNAL, sentence=_("logged a call")),
    Kind("side.sent", SideSent, icon="forward", audience=INTERNAL, sentence=_("forwarded")),
    Kind(
        "side.received", SideReceived, icon="reply", audience=INTERNAL, sentence=_("A third party answered")
    ),
    Kind(
        "assigned", Assigned, icon="user", audience=INTERNAL, sentence=_("assigned this"), inverse="assigned"
    ),
    Kind("team.changed", TeamChanged, icon="users", audience=INTERNAL, sentence=_("changed the team")),
    Kind(
        "status.changed",
        StatusChanged,
        icon="circle-dot",
        audience=INTERNAL,
        sentence=_("changed the status"),
    ),
    Kind(
        "priority.changed",
        PriorityChanged,
        icon="flag",
        audience=INTERNAL,
        sentence=_("changed the priority"),
    ),
    Kind(
        "kind.changed",
        KindChanged,
        icon="shapes",
        audience=INTERNAL,
        sentence=_("changed the kind of contact"),
    ),
    Kind(
        "subject.changed", SubjectChanged, icon="pencil", audience=INTERNAL, sentence=_("changed the subject")
    ),
    Kind("tags.changed", TagsChanged, icon="tag", audience=INTERNAL, sentence=_("changed the tags")),
    Kind(
        "snoozed", Snoozed, icon="alarm-clock", audience=INTERNAL, sentence=_("snoozed this"), inverse="woken"
    ),
    Kind("woken", Woken, icon="bell", audience=INTERNAL, sentence=_("The snooze ended"), inverse="snoozed"),
    Kind(
        "spam.marked",
        Flagged,
        icon="shield-alert",
        audience=INTERNAL,
        sentence=_("marked this as spam"),
        inverse="spam.unmarked",
    ),
    Kind(
        "spam.unmarked",
        Flagged,
        icon="shield-check",
        audience=INTERNAL,
        sentence=_("said this is no spam"),
        inverse="spam.marked",
    ),
    Kind(
        "deleted", Flagged, icon="trash-2", audience=INTERNAL, sentence=_("deleted this"), inverse="restored"
    ),
    Kind(
        "restored", Flagged, icon="undo-2", audience=INTERNAL, sentence=_("restored this"), inverse="deleted"
    ),
    Kind(
        "delivery.sent", DeliveryChanged, icon="check", audience=INTERNAL, sentence=_("The message was sent")
    ),
    Kind(
        "delivery.waiting",
        DeliveryChanged,
        icon="clock",
        audience=INTERNAL,
        sentence=_("The message waits for another try"),
    ),
    Kind(
        "delivery.failed",
        DeliveryChanged,
        icon="triangle-alert",
        audience=INTERNAL,
        sentence=_("The message could not be sent"),
    ),
    Kind(
        "delivery.withdrawn",
        DeliveryChanged,
        icon="undo-2",
        audience=INTERNAL,
        sentence=_("took the message back before it was sent"),
    ),
    Kind(
        "delivery.skipped",
        DeliveryChanged,
        icon="skip-forward",
        audience=INTERNAL,
        sentence=_("gave up sending the message"),
    ),
    Kind(
        "delivery.retried",
        DeliveryChanged,
        icon="refresh-cw",
        audience=INTERNAL,
        sentence=_("asked for another try"),
    ),
    Kind(
        "bounced",
        Bounced,
        icon="mail-x",
        audience=INTERNAL,
        sentence=_("A message came back as undeliverable"),
    ),
    Kind(
        "participant.added",
        ParticipantChanged,
        icon="user-plus",
        audience=INTERNAL,
        sentence=_("Somebody joined"),
    ),
    Kind(
        "participant.accepted",
        ParticipantChanged,
        icon="user-check",
        audience=INTERNAL,
        sentence=_("accepted a new address"),
    ),
    Kind(
        "person.changed",
        CustomerChanged,
        icon="user-round",
        audience=INTERNAL,
        sentence=_("said who the customer is"),
        inverse="person.changed",
    ),
    Kind("linked", Linked, icon="link", audience=INTERNAL, sentence=_("Linked to another conversation")),
)


def register() -> None:
    """Declare all kinds; called once by the app's ``ready``."""
    for kind in KINDS:
        register_kind("conversation", kind)
