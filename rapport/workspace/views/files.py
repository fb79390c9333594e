"""Files of conversations: uploading, showing, downloading. A file is as visible as its conversation."""

import zipfile
from collections.abc import Iterator
from io import BytesIO

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.conversations.actions.drafts import attach, detach
from rapport.conversations.models import Attachment
from rapport.conversations.queries.access import may_see
from rapport.inboxes.registry import largest_file
from rapport.kernel.files.serving import serve
from rapport.kernel.files.storage import read
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.filters import file_size
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.entries import file_view
from rapport.workspace.requests import AgentRequest, load


@door(Permission.NOTE)
@require_POST
def upload(request: AgentRequest) -> HttpResponse:
    """Take a file that the agent is about to send; answers JSON with its id, name, size and address."""
    given = request.FILES.get("file")
    if given is None:
        return JsonResponse({"error": _("No file arrived.")}, status=400)
    largest = largest_file()
    if (given.size or 0) > largest:
        values = {"name": given.name, "size": file_size(largest)}
        words = _("%(name)s is larger than %(size)s and was not kept.") % values
        return JsonResponse({"error": words}, status=413)
    attachment = attach(
        agent=request.agent,
        content=given.read(),
        name=given.name or "file",
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
def all_of_message(request: AgentRequest, number: int, message: int) -> HttpResponse:
    """Serve all files of a message as one zip."""
    found = load(request, number)
    attachments = list(
        Attachment.objects.filter(message_id=message, message__conversation=found)
        .select_related("file")
        .order_by("pk")
    )
    if not attachments:
        raise Http404
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, attachment in _named(attachments):
            archive.writestr(name, read(attachment.file))
    return HttpResponse(
        packed.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{number}-files.zip"'},
    )


def _named(attachments: list[Attachment]) -> Iterator[tuple[str, Attachment]]:
    seen: set[str] = set()
    for index, attachment in enumerate(attachments, 1):
        name = attachment.name.replace("/", "_").replace("\\", "_").lstrip(".") or f"file-{index}"
        if name in seen:
            name = f"{index}-{name}"
        seen.add(name)
        yield name, attachment


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
