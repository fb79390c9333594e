"""Finding people for an agent."""

from typing import NamedTuple

from django.db.models import QuerySet

from rapport.customers.models import Company, Customer, Identity, NameWord
from rapport.customers.names import called, words_of
from rapport.customers.queries.group import records_of, root_of, roots_of
from rapport.customers.values import normalised
from rapport.kernel.db.prefix import beginning_with
from rapport.kernel.db.prepared import prepared
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission, Reach

LIMIT = 20
CANDIDATES = 200
LONGEST = 200


class Match(NamedTuple):
    """Somebody who was found, as a screen calls them, with the addresses and numbers of all their records."""

    pk: int
    name: str
    addresses: list[str]


class NotFound(Exception):
    """There is no such person, or this agent may not see them: the answer is the same."""


def customer_for(agent: Agent, customer_id: int) -> Customer:
    """Load one person; raises ``NotFound``. A collaborator sees people through their conversations only."""
    found = None
    if agent.can(Permission.READ) and agent.reach is not Reach.MENTIONED:
        found = Customer.objects.select_related("company").filter(pk=customer_id).first()
    if found is None:
        raise NotFound
    return found


def matching(agent: Agent, words: str, *, limit: int = LIMIT) -> list[Match]:
    """Return people in whose name every word begins a word, or whose address begins so, by name.

    What is found of a record that was merged is the person whom it belongs to.
    """
    wanted = words.strip()[:LONGEST]
    if not wanted or not agent.can(Permission.READ) or agent.reach is Reach.MENTIONED:
        return []
    ids = {*_named(words_of(wanted)), *_addressed(normalised("email", wanted))}
    if not ids:
        return []
    people = Customer.objects.filter(pk__in=roots_of(ids)).order_by("name", "pk")
    found = list(people.values_list("pk", "name")[:limit])
    if not found:
        return []
    addresses = _addresses_of([pk for pk, _ in found])
    return [Match(pk, called(name, addresses[pk]), addresses[pk]) for pk, name in found]


def _addresses_of(roots: list[int]) -> dict[int, list[str]]:
    records = Customer.objects.filter(pk__in=records_of(roots)).order_by("identities__pk")
    rows = list(records.values_list("pk", "merged_into_id", "identities__value"))
    above: dict[int, int | None] = {pk: up for pk, up, _ in rows}
    found: dict[int, dict[str, None]] = {pk: {} for pk in roots}
    for pk, _, value in rows:
        if value is not None:
            found[_top(pk, above)][value] = None
    return {pk: list(values) for pk, values in found.items()}


def _top(pk: int, above: dict[int, int | None]) -> int:
    while (up := above[pk]) is not None:
        pk = up
    return pk


def _named(wanted: list[str]) -> list[int]:
    # The longest word leaves the fewest people; the others are looked for among them.
    if not wanted:
        return []
    first, *others = sorted(wanted, key=len, reverse=True)
    found = NameWord.objects.filter(beginning_with("word", first))
    for other in others:
        named = NameWord.objects.filter(beginning_with("word", other)).values("customer_id")
        found = found.filter(customer_id__in=named)
    return list(found.values_list("customer_id", flat=True)[:CANDIDATES])


def _addressed(address: str) -> list[int]:
    found = Identity.objects.filter(beginning_with("value", address))
    return list(found.values_list("customer_id", flat=True)[:CANDIDATES])


def company_of_domain(domain: str) -> Company | None:
    """Return the company that claims this mail domain, or None."""
    return _of_domain.first(domain) if domain else None


def is_blocked(address: str) -> bool:
    """Tell whether mail from this address goes to the spam view; asked by ingest, on nobody's behalf."""
    wanted = normalised("email", address)
    return bool(_blocked(wanted))


def is_known(address: str) -> bool:
    """Tell whether somebody has this mail address; asked by ingest, on nobody's behalf."""
    return bool(_known.first(normalised("email", address)))


def is_confirmed(address: str, customer_id: int) -> bool:
    """Tell whether an agent has confirmed that this mail address is the person's."""
    confirmed = _confirmed(normalised("email", address))
    return (
        bool(confirmed)
        and Identity.objects.filter(pk__in=confirmed, customer_id__in=records_of([customer_id])).exists()
    )


def is_same_person(address: str, other: str) -> bool:
    """Tell whether somebody has both mail addresses, the first of them confirmed by an agent."""
    theirs = [root_of(row.customer).pk for row in _with_address(normalised("email", other))]
    return any(
        row.verified and root_of(row.customer).pk in theirs
        for row in _with_address(normalised("email", address))
    )


@prepared
def _known(address: str) -> QuerySet[Identity, int]:
    return Identity.objects.filter(kind="email", value=address).values_list("pk", flat=True)[:1]


@prepared
def _confirmed(address: str) -> QuerySet[Identity, int]:
    found = Identity.objects.filter(kind="email", value=address, verified=True)
    return found.values_list("pk", flat=True)


@prepared
def _with_address(address: str) -> QuerySet[Identity]:
    people = Identity.objects.select_related("customer", "customer__merged_into")
    return people.filter(kind="email", value=address)


@prepared
def _of_domain(domain: str) -> QuerySet[Company]:
    return Company.objects.filter(domain=domain).order_by("pk")[:1]


@prepared
def _blocked(address: str) -> QuerySet[Identity, int]:
    found = Identity.objects.filter(kind="email", value=address, blocked=True)
    return found.values_list("pk", flat=True)[:1]
