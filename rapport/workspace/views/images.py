"""Pictures from elsewhere: shown when asked for, fetched by us, so that nobody learns who reads."""

from django.core import signing
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from rapport.channels.ingest.content import message_in
from rapport.conversations.models import Entry, Message
from rapport.conversations.queries.thread import thread_of
from rapport.conversations.wording import readable
from rapport.kernel.files.types import HEAD_BYTES, IMAGES, content_type_of
from rapport.kernel.outbound.http import RequestRefused, fetch
from rapport.kernel.text.links import linked
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.entries import entry_views, shown_html
from rapport.workspace.requests import AgentRequest, load
from rapport.workspace.views.conversation import TEMPLATE, view_of

SALT = "remote-image"
MOST_BYTES = 5 * 1024 * 1024


@door(Permission.READ)
@require_POST
def load_images(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Answer the entry of a message once more, with its remote images through our own address."""
    found = load(request, number)
    words = _message(found.pk, message)
    entry = Entry.objects.filter(
        conversation=found, kind="message.received", payload__message_id=words.pk
    ).first()
    if entry is None:
        raise Http404
    thread = thread_of(found, after=entry.seq - 1)
    thread.entries = thread.entries[:1]
    (shown,) = entry_views(found, thread, viewer=request.agent)
    if shown.words is not None:
        files = list(words.attachments.all())
        html, signature = (linked(shown_html(part, files)) for part in _with_images(words, number))
        seen = shown.words._replace(html=html, signature_html=signature, remote_images_blocked=False)
        shown = shown._replace(words=seen)
    return render.block(
        request,
        TEMPLATE,
        "thread",
        conversation=view_of(request, found),
        entries=[shown],
        earlier_entries=False,
    )


@door(Permission.READ)
@require_GET
def remote(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Fetch one remote image of a message. Only addresses that the message itself holds are signed."""
    _message(load(request, number).pk, message)
    try:
        url = signing.loads(request.GET.get("u", ""), salt=f"{SALT}:{message}")
        fetched = fetch(url, most_bytes=MOST_BYTES, seconds=10)
    except (signing.BadSignature, RequestRefused):
        raise Http404 from None
    kind = content_type_of(fetched.content[:HEAD_BYTES], claimed=fetched.content_type)
    if fetched.status != 200 or kind not in IMAGES:
        raise Http404
    return HttpResponse(
        fetched.content, content_type=kind, headers={"Cache-Control": "private, max-age=86400"}
    )


def _message(conversation_id: int, message: int) -> Message:
    words = (
        Message.objects.select_related("raw__inbox", "raw__file")
        .filter(pk=message, conversation_id=conversation_id, raw__isnull=False)
        .first()
    )
    if words is None:
        raise Http404
    return words


def _with_images(words: Message, number: int) -> tuple[str, str]:
    """Return what was written and the signature, with the pictures of both."""
    read = message_in(words.raw) if words.raw else None
    if read is None:
        return words.html, words.signature_html
    address = reverse("remote-image", args=[number, words.pk])

    def through_us(source: str) -> str | None:
        if source.lower().startswith(("http:", "https:")):
            return f"{address}?u={signing.dumps(source, salt=f'{SALT}:{words.pk}')}"
        return source

    folded = readable(read, image=through_us)
    return folded.html, folded.signature_html
