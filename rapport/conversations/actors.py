"""Who acts, as the actor that an entry names."""

from rapport.kernel.stream.append import SYSTEM, Actor
from rapport.kernel.stream.models import ActorKind
from rapport.staff.models import Agent

__all__ = ["SYSTEM", "Actor", "by_agent", "by_customer"]


def by_agent(agent: Agent) -> Actor:
    """Return the actor for a member of staff."""
    return Actor(ActorKind.AGENT, agent.pk)


def by_customer(customer_id: int) -> Actor:
    """Return the actor for a customer."""
    return Actor(ActorKind.CUSTOMER, customer_id)
