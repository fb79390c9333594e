"""Joining two records of one person by a pointer, and taking that back. No row moves."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rapport.customers import timeline
from rapport.customers.kinds import Merged
from rapport.customers.models import Customer
from rapport.customers.queries.group import root_of
from rapport.kernel.stream.append import Actor, lock
from rapport.kernel.stream.models import ActorKind
from rapport.staff.authority import Refused, require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def merge(*, agent: Agent, duplicate: Customer, into: Customer) -> None:
    """Let ``duplicate`` point at the person that ``into`` belongs to.

    Raises:
        NotAllowed: the agent may not merge people.
        Refused: both are already one person.

    """
    require(agent, Permission.MERGE_CUSTOMERS)
    with transaction.atomic():
        lock(Customer, [duplicate.pk, into.pk])
        source = root_of(Customer.objects.select_related("merged_into").get(pk=duplicate.pk))
        target = root_of(Customer.objects.select_related("merged_into").get(pk=into.pk))
        if source.pk == target.pk:
            raise Refused("into", _("These records are already one person."))
        Customer.objects.filter(pk=source.pk).update(merged_into=target)
        _tell(agent, target, source, "customer.merged")
    duplicate.refresh_from_db()


def unmerge(*, agent: Agent, customer: Customer) -> None:
    """Clear the pointer of ``customer``, so that it is a person of its own again.

    Raises:
        NotAllowed: the agent may not merge people.
        Refused: the record is not merged into another.

    """
    require(agent, Permission.MERGE_CUSTOMERS)
    with transaction.atomic():
        source = Customer.objects.select_for_update().get(pk=customer.pk)
        target = source.merged_into
        if target is None:
            raise Refused("customer", _("This record is a person of its own."))
        Customer.objects.filter(pk=source.pk).update(merged_into=None)
        _tell(agent, target, source, "customer.unmerged")
    customer.refresh_from_db()


def _tell(agent: Agent, target: Customer, source: Customer, kind: str) -> None:
    actor = Actor(ActorKind.AGENT, agent.pk)
    for record, other in sorted(((target, source), (source, target)), key=lambda pair: pair[0].pk):
        timeline.append(record, kind, Merged(other_id=other.pk), actor=actor)
