"""Finding canned replies for the composer, with their variables filled in."""

from django.db.models import Q, QuerySet

from rapport.canned_replies.models import CannedReply
from rapport.canned_replies.variables import fill, first_name
from rapport.conversations.models import Conversation
from rapport.staff.models import Agent
from rapport.staff.permissions import Reach

LIMIT = 20


def offered(agent: Agent, *, brand_id: int | None = None) -> QuerySet[CannedReply]:
    """Return the canned replies that this agent may use, for this brand where one is given."""
    found = CannedReply.objects.filter(archived=False)
    if agent.reach is not Reach.ALL:
        found = found.filter(Q(team=None) | Q(team_id__in=agent.team_ids()))
    if brand_id is not None:
        found = found.filter(Q(brand=None) | Q(brand_id=brand_id))
    return found


def matching(agent: Agent, words: str, *, brand_id: int | None = None) -> list[CannedReply]:
    """Return at most 20 that fit ``words``: by the beginning of the shortcut, then by name or text."""
    wanted = words.strip().lstrip("/").lower()
    found = offered(agent, brand_id=brand_id)
    if not wanted:
        return list(found.order_by("name")[:LIMIT])
    first = list(found.filter(shortcut__startswith=wanted).order_by("shortcut")[:LIMIT])
    if len(first) == LIMIT:
        return first
    rest = found.filter(Q(name__icontains=wanted) | Q(html__icontains=wanted))
    return first + list(
        rest.exclude(pk__in=[each.pk for each in first]).order_by("name")[: LIMIT - len(first)]
    )


def filled(reply: CannedReply, agent: Agent, conversation: Conversation | None) -> str:
    """Return the reply's HTML with the variables of this agent and conversation."""
    values = {"agent.name": agent.shown_name}
    if conversation is not None:
        name = conversation.customer.name
        values |= {
            "customer.name": name,
            "customer.first_name": first_name(name),
            "conversation.number": str(conversation.number),
            "brand.name": conversation.brand.name,
        }
    return fill(reply.html, values)
