"""The variables of canned replies: a fixed map, filled by plain replacement.

No text of a person ever reaches a template engine: a name such as ``{{ 7*7 }}`` stays as it is.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from django.utils.translation import gettext_lazy as _

from rapport.conversations.models import Conversation
from rapport.staff.models import Agent

VARIABLES: Final = {
    "customer.name": _("the customer's name"),
    "customer.first_name": _("the customer's first name"),
    "agent.name": _("your name as customers see it"),
    "conversation.number": _("the number of the conversation"),
    "brand.name": _("the name of the brand"),
}
_PLACE = re.compile(r"(\s|&nbsp;)?\{(" + "|".join(re.escape(name) for name in VARIABLES) + r")\}")


def fill(html: str, values: Mapping[str, str]) -> str:
    """Return ``html`` with each ``{variable}`` of ``values`` replaced by its escaped value, in one pass.

    An empty value is left out with the space before it; anything else in braces stays as it is.
    """

    def filled(match: re.Match[str]) -> str:
        value = values.get(match[2])
        if value is None:
            return match[0]
        return f"{match[1] or ''}{escape(value)}" if value else ""

    return _PLACE.sub(filled, html)


def values_for(agent: Agent, conversation: Conversation) -> dict[str, str]:
    """Return what all variables stand for in a text of this agent in this conversation."""
    name = conversation.customer.name
    return {
        "customer.name": name,
        "customer.first_name": first_name(name),
        "agent.name": agent.shown_name,
        "conversation.number": str(conversation.number),
        "brand.name": conversation.brand.name,
    }


def first_name(name: str) -> str:
    """Return the part of ``name`` that one greets with: what stands first, or behind the comma."""
    family, comma, given = name.partition(",")
    words = (given if comma else family).split()
    return words[0] if words else ""
