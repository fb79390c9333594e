"""Old mail of a connected mailbox: it arrives solved, starts nothing, and our old answers stand as ours."""

from dataclasses import replace

from rapport.conversations.actions.receive import Placement, receive
from rapport.conversations.models import Message
from rapport.conversations.queries import threading
from rapport.customers.actions.identify import identify
from rapport.inboxes.contract import Address, InboundMessage
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel.files.models import StoredFile
from rapport.kernel.stream.models import Origin

_WHY = [{"code": "imported"}]


def take_old(raw: RawInbound, inbound: InboundMessage, files: list[StoredFile]) -> Message | None:
    """Take one old mail in, at the time it was written; None where both ends are our own."""
    own = {address.lower() for address in Inbox.objects.values_list("address", flat=True)}
    ours = inbound.sender.value.lower() in own
    customer = _customer(inbound, own) if ours else inbound.customer
    if customer is None or customer.value.lower() in own:
        return None
    at = min(inbound.sent_at or raw.received_at, raw.received_at)
    known = identify(value=customer.value, name=customer.name, at=at, origin=Origin.IMPORT)
    return receive(
        raw=raw,
        inbound=replace(inbound, automatic=False),
        files=files,
        customer=known.customer,
        identity=known.identity,
        placement=Placement(conversation_id=_thread(inbound), ours=ours, why=_WHY),
        at=at,
    )


def _customer(inbound: InboundMessage, own: set[str]) -> Address | None:
    return next((a for a in (*inbound.to, *inbound.cc) if a.value and a.value.lower() not in own), None)


def _thread(inbound: InboundMessage) -> int | None:
    """Old mails join by their Message-IDs alone, and only among themselves."""
    message = threading.message_by_identities(h.value for h in inbound.hints if h.kind != "number")
    if message is None or message.conversation.origin != Origin.IMPORT:
        return None
    return message.conversation_id
