"""What every workspace view starts with: who asks, and the conversation they may see."""

from django.http import Http404, HttpRequest

from rapport.conversations.models import Conversation, Status
from rapport.conversations.queries.access import NotFound, conversation_for
from rapport.staff.models import Agent


class AgentRequest(HttpRequest):
    """A request behind a door: the middleware has set who works."""

    agent: Agent


def load(request: AgentRequest, number: int) -> Conversation:
    """Return the conversation of this number for the one who asks; 404 where there is none for them."""
    try:
        return conversation_for(request.agent, number)
    except NotFound:
        raise Http404 from None


def whole_number(text: str | None) -> int | None:
    """Return a form or query value as a number from 0 up; None for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 18 else None


def whole_numbers(request: HttpRequest, name: str) -> list[int]:
    """Return the numbers that a form gives under one name; what is none is left out, as are very many."""
    found = (whole_number(text) for text in request.POST.getlist(name)[:200])
    return [number for number in found if number is not None]


def still(request: AgentRequest) -> Status | None:
    """Return the status that one taken back must still have; raises ``ValueError`` where it is none."""
    return Status(request.POST["only_from"]) if "only_from" in request.POST else None
