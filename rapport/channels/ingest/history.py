"""Old mail of a connected mailbox: it arrives solved, starts nothing, and our old answers stand as ours."""

from dataclasses import replace
from datetime import UTC, datetime

from rapport.channels.ingest.sender import person_of
from rapport.conversations.actions.receive import Placement, receive
from rapport.conversations.models import Message
from rapport.conversations.queries import threading
from rapport.inboxes.addresses import is_one_of
from rapport.inboxes.contract import Address, InboundMessage
from rapport.inboxes.models import RawInbound
from rapport.kernel.files.models import StoredFile
from rapport.kernel.stream.models import Origin
from rapport.staff.models import Account

# Clocks that were never set say 1970 or 1980.
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_WHY = [{"code": "imported"}]


def take_old(
    raw: RawInbound, inbound: InboundMessage, files: list[StoredFile], *, own: frozenset[str], ours: bool
) -> Message | None:
    """Take one old mail in, at the time the mailbox got it; None where both ends are our ``own`` addresses.

    ``ours`` is what ``is_ours`` says of it.
    """
    customer = _customer(inbound, own) if ours else inbound.customer
    if customer is None or is_one_of(customer.value, own):
        return None
    at = raw.received_at
    person, identity = person_of(customer, at=at, origin=Origin.IMPORT)
    return receive(
        raw=raw,
        inbound=replace(inbound, automatic=False),
        files=files,
        customer=person,
        identity=identity,
        placement=Placement(conversation_id=_thread(inbound), ours=ours, why=_WHY),
        at=at,
        shown_at=_written_at(inbound, at),
    )


def is_ours(raw: RawInbound, inbound: InboundMessage, own: frozenset[str]) -> bool:
    """Tell whether we wrote an old mail."""
    # An alias or a colleague's own address answered too: what lies in the Sent folder is ours.
    return raw.source == "sent" or is_one_of(inbound.sender.value, own)


def _written_at(inbound: InboundMessage, received_at: datetime) -> datetime:
    """Return what a mail says of its time, where that can be; mail moved between servers arrived late."""
    said = inbound.sent_at
    return said if said is not None and _FIRST <= said <= received_at else received_at


def _customer(inbound: InboundMessage, own: frozenset[str]) -> Address | None:
    recipients = [each for each in (*inbound.to, *inbound.cc) if each.value]
    written = [each.value.lower() for each in recipients]
    inside = {
        inbound.sender.value.lower(),
        *Account.objects.filter(email__in=written).values_list("email", flat=True),
    }
    outside = (a for a in recipients if a.value.lower() not in inside and not is_one_of(a.value, own))
    return next(outside, None)


def _thread(inbound: InboundMessage) -> int | None:
    """Old mails join by their Message-IDs alone, and only among themselves."""
    message = threading.message_by_identities(h.value for h in inbound.hints if h.kind != "number")
    if message is None or message.conversation.origin != Origin.IMPORT:
        return None
    return message.conversation_id
