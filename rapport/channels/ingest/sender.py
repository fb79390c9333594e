"""Who wrote what came in."""

from datetime import datetime

from rapport.customers.actions.identify import identify, identity_lock
from rapport.customers.actions.meet_unknown import meet_unknown
from rapport.customers.models import Customer, Identity
from rapport.customers.values import normalised
from rapport.inboxes.contract import Address
from rapport.kernel.db.locks import lock_name
from rapport.kernel.stream.models import Origin


def person_of(
    address: Address, *, at: datetime, origin: Origin = Origin.LIVE
) -> tuple[Customer, Identity | None]:
    """Return the person with this address, and the identity; without an address somebody new each time.

    What two mails have in common that name no sender is not a person: strangers would share a history.
    """
    value = normalised("email", address.value)
    if not value:
        return meet_unknown(name=address.name, at=at, origin=origin), None
    # Before the first look, so that nobody gives the address to another person until this mail is placed.
    lock_name(identity_lock("email", value))
    known = identify(value=value, name=address.name, at=at, origin=origin, locked=True)
    return known.customer, known.identity
