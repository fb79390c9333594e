"""Changing what is known of a person."""

from collections.abc import Iterable

from django.db import transaction

from rapport.customers import timeline
from rapport.customers.kinds import Changed
from rapport.customers.models import Company, Customer
from rapport.customers.names import remember_name
from rapport.customers.values import plain_name
from rapport.kernel.stream.append import Actor
from rapport.kernel.stream.models import ActorKind
from rapport.staff.authority import require
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

MAX_TAGS = 50


def edit_customer(
    *,
    agent: Agent,
    customer: Customer,
    name: str,
    language: str = "",
    time_zone: str = "",
    notes: str = "",
    tags: Iterable[str] = (),
    company: Company | None = None,
) -> None:
    """Change the record; raises ``NotAllowed``."""
    require(agent, Permission.CUSTOMERS)
    values = {
        "name": plain_name(name)[:200],
        "language": language.strip()[:10],
        "time_zone": time_zone.strip()[:60],
        "notes": notes.strip(),
        "tags": sorted({tag.strip()[:50] for tag in tags if tag.strip()})[:MAX_TAGS],
        "company_id": None if company is None else company.pk,
    }
    with transaction.atomic():
        fresh = Customer.objects.select_for_update().get(pk=customer.pk)
        before = {field: getattr(fresh, field) for field in values}
        changed = [field for field in values if before[field] != values[field]]
        if not changed:
            return
        Customer.objects.filter(pk=customer.pk).update(**values)
        timeline.append(
            customer,
            "customer.edited",
            Changed(company_id=None if company is None else company.pk),
            actor=Actor(ActorKind.AGENT, agent.pk),
            before={field: before[field] for field in changed},
            after={field: values[field] for field in changed},
        )
        if "name" in changed:
            fresh.name = str(values["name"])
            remember_name(fresh)
    customer.refresh_from_db()
