"""Recognising who writes, or creating them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from rapport.customers import timeline
from rapport.customers.kinds import Created
from rapport.customers.models import Customer, Identity
from rapport.customers.names import remember_name
from rapport.customers.queries.group import root_of
from rapport.customers.queries.people import company_of_domain
from rapport.customers.values import domain_of, normalised
from rapport.kernel.db.locks import lock_name
from rapport.kernel.db.prepared import prepared
from rapport.kernel.db.rows import insert
from rapport.kernel.stream.models import Origin
from rapport.kernel.text.normalise import normalise


@dataclass(frozen=True)
class Identified:
    """Who it is: the person, the identity that says so, and whether both are new.

    ``candidates`` holds everybody who shares the identity, where more than one does: an agent picks.
    """

    customer: Customer
    identity: Identity
    created: bool
    candidates: tuple[Customer, ...] = ()


def identify(
    *,
    kind: str = "email",
    value: str,
    name: str = "",
    at: datetime,
    origin: Origin = Origin.LIVE,
    locked: bool = False,
) -> Identified:
    """Return the person with this identity, or make one. One query where the identity is known.

    Nobody is ever merged here. Among several who share the identity the one with the given ``name`` is taken,
    else the first. The new person joins a company only where the company claims the mail domain. ``locked``:
    the caller holds the lock on ``identity_lock(kind, value)``.
    """
    wanted = normalised(kind, value)
    with transaction.atomic(savepoint=False):
        found = _known(kind, wanted, name)
        if found is None:
            # Two mails of a newcomer at once: the second waits here and then finds the first one's row.
            waited = not locked and lock_name(identity_lock(kind, wanted))
            found = (waited and _known(kind, wanted, name)) or _create(kind, wanted, name, at, origin)
        if not found.customer.name and name.strip():
            found.customer.name = name.strip()[:200]
            if Customer.objects.filter(pk=found.customer.pk, name="").update(name=found.customer.name):
                remember_name(found.customer)
    return found


def identity_lock(kind: str, value: str) -> str:
    """Return the name of the lock of whoever makes or moves an identity; ``value`` is normalised."""
    return f"identity:{kind}:{value}"


def _known(kind: str, value: str, name: str) -> Identified | None:
    rows = _identities(kind, value)
    if not rows:
        return None
    people = {row.pk: root_of(row.customer) for row in rows}
    distinct = tuple({person.pk: person for person in people.values()}.values())
    chosen = rows[0]
    if len(distinct) > 1 and name:
        shown = normalise(name)
        chosen = next((row for row in rows if normalise(people[row.pk].name) == shown), chosen)
    return Identified(
        people[chosen.pk], chosen, created=False, candidates=distinct if len(distinct) > 1 else ()
    )


@prepared
def _identities(kind: str, value: str) -> QuerySet[Identity]:
    people = Identity.objects.select_related("customer", "customer__merged_into", "customer__company")
    return people.filter(kind=kind, value=value).order_by("pk")


def _create(kind: str, value: str, name: str, at: datetime, origin: Origin) -> Identified:
    company = company_of_domain(domain_of(value)) if kind == "email" else None
    customer = insert(Customer(name=name.strip()[:200], company=company, created_at=at))
    remember_name(customer, new=True)
    identity = insert(Identity(customer=customer, kind=kind, value=value, created_at=at))
    timeline.append(customer, "customer.created", Created(identity_id=identity.pk), origin=origin)
    return Identified(customer, identity, created=True)
