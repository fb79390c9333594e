"""Whom an answer is offered to, before an agent chooses anybody."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from rapport.conversations.models import Conversation, DeliveryRecipient, Entry, Message
from rapport.conversations.recipients import is_no_reply, loaded, reply_all
from rapport.customers.models import Identity
from rapport.customers.queries.group import records_of
from rapport.customers.values import normalised
from rapport.inboxes.contract import Address
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.kernel.db.prepared import prepared

Offered = tuple[tuple[Address, ...], tuple[Address, ...]]


def default_recipients(conversation: Conversation, last: Message | None) -> Offered:
    """Return who an answer to ``last`` goes to: everyone visible on it, minus our own addresses.

    A message from an address that no agent accepted yet is answered to the known participant. What failed and
    was sent to another address since is offered there. Who was made the customer since takes the place of the
    former one.
    """
    if last is None:
        return _known(conversation), ()
    change = _change_since(last, conversation.identity)
    to = _without_former(last, change) if change else loaded(last.to)
    mended = _mended(last)
    if last.direction == "out" and change is None:
        return _where_mended(to, mended), _where_mended(loaded(last.cc), mended)
    return reply_all(
        customer=_customer(conversation, last, mended, changed=change is not None),
        to=_where_mended(to, mended),
        cc=_where_mended(loaded(last.cc), mended),
        own=own_addresses(),
    )


def _known(conversation: Conversation) -> tuple[Address, ...]:
    identity = conversation.identity
    if identity is None or is_no_reply(identity.value):
        return ()
    return (Address(identity.value, conversation.customer.name),)


def _customer(
    conversation: Conversation, last: Message, mended: dict[str, Address], *, changed: bool
) -> Address:
    """Return who wrote; where that is not the customer any more, or nobody reads there, the customer."""
    (sender,) = _where_mended([Address(last.sender_address, last.sender_name)], mended)
    identity = conversation.identity
    if identity is None or not (changed or not sender.value or is_no_reply(sender.value)):
        return sender
    return Address(identity.value, conversation.customer.name)


def _where_mended(addresses: Iterable[Address], mended: dict[str, Address]) -> tuple[Address, ...]:
    return tuple(mended.get(each.value.lower(), each) for each in addresses)


def _mended(last: Message) -> dict[str, Address]:
    """Return what an agent put in the place of addresses that failed, since the last message."""
    if not last.mended:  # type: ignore[attr-defined]
        return {}
    since = _replaced(last).filter(delivery__message_id__gte=last.pk).order_by("pk")
    return {row.former.lower(): Address(row.address, row.name) for row in since}


def _replaced(last: Message) -> QuerySet[DeliveryRecipient]:
    rows = DeliveryRecipient.objects.filter(delivery__conversation_id=last.conversation_id)
    return rows.exclude(former="")


def _change_since(last: Message, identity: Identity | None) -> Entry | None:
    """Return what first made another person the customer after this message; None where it went to them."""
    if identity is None or identity.kind != "email":
        return None
    addresses = [row["address"] for row in last.to] if last.direction == "out" else [last.sender_address]
    if identity.value in {normalised("email", each) for each in addresses}:
        return None
    return _changes.first(last.conversation_id, last.created_at)


@prepared
def _changes(conversation_id: int, since: datetime) -> QuerySet[Entry]:
    changed = Entry.objects.filter(conversation_id=conversation_id, kind="person.changed")
    return changed.filter(occurred_at__gt=since).order_by("seq")[:1]


def _without_former(last: Message, change: Entry) -> tuple[Address, ...]:
    """Return whom the message went to but the one who was the customer then.

    Where no address of theirs is known, they are whom it went to first.
    """
    to = loaded(last.to)
    theirs = _addresses_of(change.payload["former_id"], last)
    if not theirs:
        return to[1:]
    return tuple(each for each in to if normalised("email", each.value) not in theirs)


def _addresses_of(customer_id: int, last: Message) -> set[str]:
    """Return the addresses of a person, and those that took their place in the conversation."""
    known = Identity.objects.filter(kind="email", customer_id__in=records_of([customer_id]))
    theirs = set(known.values_list("value", flat=True))
    if theirs and last.mended:  # type: ignore[attr-defined]
        rows = [row for row in _replaced(last) if normalised("email", row.former) in theirs]
        theirs |= {normalised("email", row.address) for row in rows}
    return theirs
