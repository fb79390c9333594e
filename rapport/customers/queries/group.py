"""Records that are one person: a root, and everything that points at it, directly or over others."""

from collections.abc import Iterable

from django.db.models.expressions import RawSQL

from rapport.customers.models import Customer, Identity

# One statement however long a chain of merges is; UNION ends where records should ever point in a circle.
_ABOVE = """
WITH RECURSIVE above(id, up) AS (
    SELECT id, merged_into_id FROM customers_customer WHERE id IN ({marks})
    UNION SELECT c.id, c.merged_into_id FROM customers_customer c JOIN above ON c.id = above.up
)"""
_ROOTS = f"{_ABOVE} SELECT id FROM above WHERE up IS NULL"  # noqa: S608  constants
_GROUPS = f"""{_ABOVE}, grouped(id) AS (
    SELECT id FROM above WHERE up IS NULL
    UNION SELECT c.id FROM customers_customer c JOIN grouped ON c.merged_into_id = grouped.id
) SELECT id FROM grouped"""  # noqa: S608  constants


def root_of(customer: Customer) -> Customer:
    """Return the record that stands for the person; no query where it was never merged."""
    seen = {customer.pk}
    while customer.merged_into is not None and customer.merged_into.pk not in seen:
        customer = customer.merged_into
        seen.add(customer.pk)
    return customer


def group_ids(customer: Customer) -> list[int]:
    """Return the ids of all records of this person, the root first."""
    root = customer.pk
    while above := Customer.objects.values_list("merged_into_id", flat=True).get(pk=root):
        root = above
    found, frontier = [root], [root]
    while frontier:
        below = Customer.objects.filter(merged_into_id__in=frontier).order_by("pk")
        frontier = list(below.values_list("pk", flat=True))
        found += frontier
    return found


def records_of(customer_ids: Iterable[int]) -> RawSQL:
    """Return, for a condition with ``__in``, the ids of all records of these persons."""
    return _among(_GROUPS, customer_ids)


def roots_of(customer_ids: Iterable[int]) -> RawSQL:
    """Return, for a condition with ``__in``, the ids of the records that stand for these persons."""
    return _among(_ROOTS, customer_ids)


def _among(statement: str, customer_ids: Iterable[int]) -> RawSQL:
    ids = list(customer_ids)
    return RawSQL(statement.format(marks=", ".join(["%s"] * len(ids))), ids)  # noqa: S611  only marks


def identities_of(customer: Customer) -> list[Identity]:
    """Return all addresses, numbers and handles of the person, the oldest first."""
    return list(Identity.objects.filter(customer_id__in=group_ids(customer)).order_by("pk"))
