"""Records that are one person: a root, and everything that points at it, directly or over others."""

from rapport.customers.models import Customer, Identity


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


def identities_of(customer: Customer) -> list[Identity]:
    """Return all addresses, numbers and handles of the person, the oldest first."""
    return list(Identity.objects.filter(customer_id__in=group_ids(customer)).order_by("pk"))
