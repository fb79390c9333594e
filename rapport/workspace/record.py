"""The record of a person as its page reads it: what is known, and what was changed when by whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.customers.models import Company, Customer, CustomerEntry
from rapport.customers.queries.group import group_ids
from rapport.kernel.stream.kinds import kind
from rapport.staff.models import Agent
from rapport.ui.choices import language_name

SHOWN = 50
FIELDS: dict[str, str | Promise] = {
    "name": _("Name"),
    "company_id": _("Company"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "tags": _("Tags"),
    "notes": _("Notes"),
    "value": _("Address"),
}


@dataclass(frozen=True)
class Change:
    """One field before and after, in words."""

    field: str | Promise
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    """One entry of the record's stream."""

    actor: str
    sentence: str
    icon: str
    at: datetime
    changes: list[Change]


def history(customer: Customer) -> list[Event]:
    """Return what happened to the record of this person, the newest first."""
    entries = list(
        CustomerEntry.objects.filter(customer_id__in=group_ids(customer))
        .select_related("words")
        .order_by("-recorded_at", "-pk")[:SHOWN]
    )
    agents = Agent.objects.in_bulk({each.actor_id or 0 for each in entries if each.actor_kind == "agent"})
    companies = dict(Company.objects.filter(pk__in=_companies(entries)).values_list("pk", "name"))
    return [
        Event(
            actor=agents[entry.actor_id].name if entry.actor_id in agents else "",
            sentence=str(kind(entry.kind).sentence),
            icon=kind(entry.kind).icon,
            at=entry.occurred_at,
            changes=_changes(entry, companies),
        )
        for entry in entries
    ]


def facts(customer: Customer) -> list[tuple[str | Promise, str]]:
    """Return what is known of this person, each with its name; what is not known is left out."""
    known = {
        "name": customer.name,
        "company_id": customer.company.name if customer.company else "",
        "language": language_name(customer.language),
        "time_zone": customer.time_zone,
        "tags": ", ".join(customer.tags),
        "notes": customer.notes,
    }
    return [(FIELDS[field], value) for field, value in known.items() if value]


def _companies(entries: list[CustomerEntry]) -> set[int]:
    sides = [side for entry in entries if hasattr(entry, "words") for side in _sides(entry)]
    return {side["company_id"] for side in sides if side.get("company_id")}


def _sides(entry: CustomerEntry) -> tuple[dict[str, Any], dict[str, Any]]:
    return entry.words.before, entry.words.after


def _changes(entry: CustomerEntry, companies: dict[int, str]) -> list[Change]:
    if not hasattr(entry, "words"):
        return []
    before, after = _sides(entry)
    shown: dict[str, Callable[[Any], str]] = {
        "company_id": lambda value: companies.get(value, ""),
        "language": language_name,
        "tags": ", ".join,
    }

    def words(side: dict[str, Any], field: str) -> str:
        return shown.get(field, str)(side.get(field) or "")

    return [
        Change(FIELDS.get(field, field), words(before, field), words(after, field))
        for field in {**before, **after}
    ]
