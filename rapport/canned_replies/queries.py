"""Finding canned replies for the composer, with their variables filled in."""

from collections.abc import Mapping

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext

from rapport.canned_replies.models import CannedReply
from rapport.conversations.models import Conversation
from rapport.conversations.variables import fill, first_name, values_for
from rapport.kernel.text.extract import text_of
from rapport.staff.models import Agent
from rapport.staff.permissions import Reach

LIMIT = 20
PREVIEW = 120


def offered(agent: Agent, *, brand_id: int | None = None) -> QuerySet[CannedReply]:
    """Return the canned replies that this agent may use, for this brand where one is given."""
    found = CannedReply.objects.filter(archived=False)
    if agent.reach is not Reach.ALL:
        found = found.filter(Q(team=None) | Q(team_id__in=agent.team_ids()))
    if brand_id is not None:
        found = found.filter(Q(brand=None) | Q(brand_id=brand_id))
    return found


def matching(
    agent: Agent, words: str, *, brand_id: int | None = None, language: str = ""
) -> list[CannedReply]:
    """Return at most 20 that fit ``words``: by the beginning of the shortcut, then by name or text.

    Of each, those in ``language`` come first, then those for any language, then the others.
    """
    wanted = words.strip().lstrip("/").lower()
    found, foreign = offered(agent, brand_id=brand_id), _foreign(language)
    if not wanted:
        return list(found.order_by(foreign, "name")[:LIMIT])
    first = list(found.filter(shortcut__startswith=wanted).order_by(foreign, "shortcut")[:LIMIT])
    if len(first) == LIMIT:
        return first
    rest = found.filter(Q(name__icontains=wanted) | Q(html__icontains=wanted))
    return first + list(
        rest.exclude(pk__in=[each.pk for each in first]).order_by(foreign, "name")[: LIMIT - len(first)]
    )


def _foreign(language: str) -> Case:
    """Return how far a canned reply is from ``language``: 0 in it, 1 for any, 2 in another.

    Whoever speaks ``de-at`` is answered in ``de`` as well. Where no language is known all are alike.
    """
    if not language:
        return Case(default=Value(0), output_field=IntegerField())
    spoken = {language, language.partition("-")[0]}
    return Case(
        When(language__in=spoken, then=Value(0)),
        When(language="", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def filled(reply: CannedReply, agent: Agent, conversation: Conversation | None) -> str:
    """Return the reply's HTML with the variables of this agent and conversation.

    In a first message those of the conversation stand as they are until it is sent (`actions.start`).
    """
    if conversation is None:
        return fill(reply.html, {"agent.name": agent.shown_name})
    return fill(reply.html, values_for(agent, conversation))


def example(reply: CannedReply, agent: Agent, *, brand_name: str) -> str:
    """Return the reply's HTML as it would be for a customer who is made up."""
    values: Mapping[str, str] = {
        "agent.name": agent.shown_name,
        "customer.name": gettext("Robin Sample"),
        "customer.first_name": first_name(gettext("Robin Sample")),
        "conversation.number": "10423",
        "brand.name": brand_name,
    }
    return fill(reply.html, values)


def preview(html: str) -> str:
    """Return the first words of ``html`` on one line, and a mark where there are more."""
    words = " ".join(text_of(html).split())
    return words if len(words) <= PREVIEW else f"{words[: PREVIEW - 1]}…"
