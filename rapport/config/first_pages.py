"""The pages that people open first, made once for nobody as a web process starts.

What is built at first use, from templates to statements, is there when the first agent of a morning comes.
"""

import logging
from io import BytesIO

from django.core.handlers.wsgi import WSGIRequest
from django.urls import resolve, reverse
from django.utils import translation

from rapport.conversations.models import Conversation
from rapport.staff.models import Agent
from rapport.staff.roles import Role

log = logging.getLogger(__name__)


def make() -> None:
    """Make the pages as an administrator would see them; one that cannot be made is left to who opens it."""
    try:
        agent = _administrator()
        if agent is not None:
            with translation.override(agent.language):
                for address in _addresses():
                    _make(agent, address)
    except Exception:
        log.exception("the first pages could not be made in advance")


def _administrator() -> Agent | None:
    active = Agent.objects.select_related("account").filter(active=True, role=Role.ADMINISTRATOR)
    return active.order_by("pk").first()


def _addresses() -> list[str]:
    newest = Conversation.objects.order_by("-pk")[:1]
    return [
        reverse("inbox-view", args=["all"]),
        reverse("counts"),
        *(reverse("conversation", args=[each.number]) for each in newest),
        f"{reverse('search')}?q=a",
    ]


def _make(agent: Agent, address: str) -> None:
    path, _mark, query = address.partition("?")
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": BytesIO()}
    request = WSGIRequest(asked)
    request.agent = agent  # type: ignore[attr-defined]  # as the middleware behind a door does
    view, args, kwargs = resolve(path)
    view(request, *args, **kwargs)
