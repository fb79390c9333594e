"""The canned replies that the composer offers behind a slash."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rapport.canned_replies.queries import filled, matching
from rapport.conversations.models import Conversation
from rapport.conversations.queries.access import NotFound, conversation_for
from rapport.kernel.text.extract import text_of
from rapport.kernel.web.door import door
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

PREVIEW = 120


@door(Permission.REPLY)
@require_safe
def search(request: HttpRequest) -> JsonResponse:
    """Answer up to 20 canned replies for ``q``, ready for the conversation of the number given, if any.

    Each item: ``id``, ``name``, ``shortcut``, ``preview`` (plain text) and ``html`` (sanitised).
    """
    agent: Agent = request.agent  # type: ignore[attr-defined]
    conversation = _conversation(agent, request.GET.get("conversation", ""))
    if conversation is not None:
        brand_id: int | None = conversation.brand_id
    else:
        given = request.GET.get("brand", "")
        brand_id = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
    items = []
    for reply in matching(agent, request.GET.get("q", "")[:100], brand_id=brand_id):
        html = filled(reply, agent, conversation)
        items.append(
            {
                "id": reply.pk,
                "name": reply.name,
                "shortcut": reply.shortcut,
                "preview": " ".join(text_of(html).split())[:PREVIEW],
                "html": html,
            }
        )
    return JsonResponse({"items": items})


def _conversation(agent: Agent, number: str) -> Conversation | None:
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    try:
        return conversation_for(agent, int(number))
    except NotFound:
        return None
