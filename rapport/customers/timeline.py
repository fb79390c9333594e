"""Writing a customer's stream: the one way an entry comes to a person's record."""

from collections.abc import Mapping
from typing import Any

from rapport.customers.models import Customer, CustomerEntry, CustomerWords
from rapport.kernel.live.signal import signal
from rapport.kernel.stream import append as stream
from rapport.kernel.stream.append import SYSTEM, Actor
from rapport.kernel.stream.models import Origin


def append(
    customer: Customer,
    kind: str,
    payload: Any,
    *,
    actor: Actor = SYSTEM,
    origin: Origin = Origin.LIVE,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> CustomerEntry:
    """Append one entry in the caller's transaction; ``before`` and ``after`` keep changed words, by field.

    Raises what ``kernel.stream.append`` raises.
    """
    entry = stream.append(CustomerEntry, customer, kind, payload, actor=actor, origin=origin)
    if before or after:
        CustomerWords.objects.create(entry=entry, before=dict(before or {}), after=dict(after or {}))
    if origin == Origin.LIVE:
        signal(f"customer:{customer.pk}", entry.seq)
    return entry
