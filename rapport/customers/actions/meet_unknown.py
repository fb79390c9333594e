"""Making a person of whom no address is known."""

from datetime import datetime

from django.db import transaction

from rapport.customers import timeline
from rapport.customers.kinds import Created
from rapport.customers.models import Customer
from rapport.customers.names import remember_name
from rapport.kernel.db.rows import insert
from rapport.kernel.stream.models import Origin


def meet_unknown(*, name: str, at: datetime, origin: Origin = Origin.LIVE) -> Customer:
    """Make a new person: nobody is recognised by a name alone, or by none. They can be merged later."""
    with transaction.atomic():
        customer = insert(Customer(name=" ".join(name.split())[:200], created_at=at))
        remember_name(customer, new=True)
        timeline.append(customer, "customer.created", Created(), origin=origin)
    return customer
