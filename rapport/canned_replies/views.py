"""The canned replies that the composer offers behind a slash."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rapport.canned_replies.queries import filled, matching, preview
from rapport.conversations.models import Conversation
from rapport.conversations.queries.access import NotFound, conversation_for
from rapport.kernel.web.door import door
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


@door(Permission.REPLY)
@require_safe
def search(request: HttpRequest) -> JsonResponse:
    """Answer up to 20 canned replies for ``q``, ready for the conversation of the number given, if any.

    Those in the customer's language stand first.

    Each item: ``id``, ``name``, ``shortcut``, ``preview`` (plain text) and ``html`` (sanitised).
    """
    agent: Agent = request.agent  # type: ignore[attr-defined]
    conversation = _conversation(agent, request.GET.get("conversation", ""))
    if conversation is not None:
        brand_id: int | None = conversation.brand_id
        language = conversation.customer.language
    else:
        given = request.GET.get("brand", "")
        brand_id = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
        language = ""
    items = []
    for reply in matching(agent, request.GET.get("q", "")[:100], brand_id=brand_id, language=language):
        html = filled(reply, agent, conversation)
        items.append(
            {
                "id": reply.pk,
                "name": reply.name,
                "shortcut": reply.shortcut,
                "preview": preview(html),
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
