"""The whole original of a message, in its own look, where nothing in it can act."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from rapport.channels.ingest.content import content_of, message_in
from rapport.conversations.models import Message
from rapport.kernel.text import sanitise
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.entries import shown_html
from rapport.workspace.requests import AgentRequest, load

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox allow-popups"


@door(Permission.READ)
@require_GET
def original(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Show the mail as its sender made it, sandboxed, without scripts and without remote content."""
    words = _load(request, number, message)
    raw = words.raw
    assert raw is not None
    read = message_in(raw)
    html = read.html if read and read.html else paragraphs(read.text if read else words.text)
    body = shown_html(sanitise.original_look(html), list(words.attachments.all()))
    page = (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<base target="_blank">{body}'
    )
    answer = HttpResponse(page)
    answer["Content-Security-Policy"] = POLICY
    return answer


@door(Permission.READ)
@require_GET
def source(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Give the mail byte for byte, as a download."""
    words = _load(request, number, message)
    assert words.raw is not None
    return HttpResponse(
        content_of(words.raw),
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{number}-{message}.eml"'},
    )


def _load(request: AgentRequest, number: int, message: int) -> Message:
    found = load(request, number)
    words = (
        Message.objects.select_related("raw__inbox", "raw__file")
        .filter(pk=message, conversation=found)
        .first()
    )
    if words is None or words.raw is None:
        raise Http404
    return words
