"""Files of conversations: uploading, showing, downloading. A file is as visible as its conversation."""

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.conversations.actions.drafts import attach, detach
from rapport.conversations.models import Attachment
from rapport.conversations.queries.access import may_see
from rapport.conversations.queries.files import MOST, files_of, files_with, internal
from rapport.inboxes.registry import largest_file
from rapport.kernel.files.names import uploaded_name
from rapport.kernel.files.packing import serve_packed
from rapport.kernel.files.serving import serve
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.filters import file_size
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.entries import file_view, marked
from rapport.workspace.requests import AgentRequest, load, whole_number
from rapport.workspace.sidebar import rail

PAGE = 50
LARGEST_ZIP = 2 * 1024**3
"""Bytes of the files that one download holds."""


@door(Permission.NOTE)
@require_POST
def upload(request: AgentRequest) -> HttpResponse:
    """Take a file that the agent is about to send; answers JSON with its id, name, size and address."""
    given = request.FILES.get("file")
    if given is None:
        return JsonResponse({"error": _("No file arrived.")}, status=400)
    name = uploaded_name(given.name or "")
    if not given.size:
        return JsonResponse({"error": _("%(name)s is empty and was not kept.") % {"name": name}}, status=400)
    largest = largest_file()
    if given.size > largest:
        values = {"name": name, "size": file_size(largest)}
        words = _("%(name)s is larger than %(size)s and was not kept.") % values
        return JsonResponse({"error": words}, status=413)
    attachment = attach(
        agent=request.agent,
        content=given.read(),
        name=name,
        content_type=given.content_type or "application/octet-stream",
    )
    shown = file_view(attachment)
    return JsonResponse(
        {
            "id": shown.id,
            "name": shown.name,
            "size": shown.size,
            "url": shown.url,
            "inline_url": shown.inline_url,
            "is_image": shown.is_image,
        }
    )


@door(Permission.READ)
@require_GET
def preview(request: AgentRequest) -> HttpResponse:
    """Answer the dialog that a file is looked at in."""
    return render.page(request, "workspace/preview.html")


@door(Permission.NOTE)
@require_POST
def remove(request: AgentRequest, pk: int) -> HttpResponse:
    """Remove an own upload that was not sent."""
    detach(agent=request.agent, attachment_id=pk)
    return HttpResponse(status=204)


@door(Permission.READ)
@require_GET
def show(request: AgentRequest, pk: int, name: str) -> HttpResponseBase:  # noqa: ARG001  the name is for people
    """Serve a file; ``?inline`` shows it in the page where its kind is harmless."""
    attachment = _attachment(request.agent, pk)
    return serve(attachment.file, inline="inline" in request.GET)


@door(Permission.READ)
@require_GET
def all_of_message(request: AgentRequest, number: int, message: int) -> HttpResponseBase:
    """Serve all files of a message as one zip."""
    found = load(request, number)
    attachments = list(
        Attachment.objects.filter(message_id=message, message__conversation=found)
        .select_related("file")
        .order_by("pk")
    )
    if not attachments:
        raise Http404
    return _packed(f"{number}-files.zip", attachments)


@door(Permission.READ)
@require_GET
def all_of_conversation(request: AgentRequest, number: int) -> HttpResponse:
    """Show all files of a conversation, internal ones marked as such."""
    found = load(request, number)
    before = whole_number(request.GET.get("before"))
    ids = [pk for pk, _inline in files_of(found)[:MOST] if before is None or pk < before]
    here = reverse("files-of-conversation", args=[number])
    return render.page(
        request,
        "workspace/files.html",
        views=rail(request.agent, counted=False),
        conversation=found,
        files=[marked(each) for each in files_with(ids[:PAGE])],
        next_url=f"{here}?{urlencode({'before': ids[PAGE - 1]})}" if len(ids) > PAGE else "",
    )


@door(Permission.READ)
@require_GET
def zip_of_conversation(request: AgentRequest, number: int) -> HttpResponseBase:
    """Serve all files of a conversation as one zip: internal ones and pictures of the text in folders."""
    listed = files_of(load(request, number))
    if not listed:
        raise Http404
    attachments = files_with([pk for pk, _inline in listed])
    return _packed(f"{number}-files.zip", _within(attachments)[::-1], of=len(listed), folders=True)


def _within(newest_first: list[Attachment]) -> list[Attachment]:
    """Return the newest files that together keep the limits of one download."""
    kept: list[Attachment] = []
    size = 0
    for each in newest_first[:MOST]:
        size += each.file.size
        if size > LARGEST_ZIP and kept:
            break
        kept.append(each)
    return kept


def _packed(
    name: str, attachments: list[Attachment], *, of: int = 0, folders: bool = False
) -> HttpResponseBase:
    # Said before the first byte leaves: the words are in the language of the one who asks.
    left_out = _("Older files are not in this archive, as it would be too large: %(count)s or more.")
    broken = _("These files are damaged on the server, and not whole in this archive:")
    said = [left_out % {"count": of - len(attachments)}] if of > len(attachments) else []
    title, inside = _("missing"), _("internal")
    pictures = _("pictures in the text")

    def path(each: Attachment) -> str:
        folder = inside if internal(each) else pictures if each.inline else ""
        plain = each.name.replace("/", "_").replace("\\", "_")
        return f"{folder}/{plain}" if folders and folder else plain

    def remark(damaged: list[str]) -> tuple[str, str]:
        return f"{title}.txt", "\n".join([*said, *([broken, *damaged] if damaged else [])])

    return serve_packed(name, [(path(each), each.file) for each in attachments], remark=remark)


def _attachment(agent: Agent, pk: int) -> Attachment:
    attachment = (
        Attachment.objects.select_related(
            "file", "message__conversation", "note__conversation", "side_message__conversation"
        )
        .filter(pk=pk)
        .first()
    )
    if attachment is None:
        raise Http404
    words = attachment.message or attachment.note or attachment.side_message
    allowed = attachment.uploader_id == agent.pk if words is None else may_see(agent, words.conversation)
    if not allowed:
        raise Http404
    return attachment
