"""The taking over of earlier mail: pause, go on, take back."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.channels.email.actions.connect import steer_import
from rapport.channels.email.actions.undo_import import to_take_back, undo_import
from rapport.channels.email.models import HistoryImport
from rapport.console.requests import agent_of, attempt, found
from rapport.inboxes.models import Inbox
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission


@door(Permission.SETTINGS)
@require_POST
def inbox_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause the taking over of earlier mail, or go on with it (``run``)."""
    edited = found(Inbox.objects.all(), pk)
    return attempt(
        request,
        lambda: steer_import(actor=agent_of(request), inbox=edited, running="run" in request.POST),
        _("Saved."),
        reverse("console:inbox_connect", args=[edited.pk]),
    )


@door(Permission.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether earlier mail is really to be taken back, and do it."""
    edited = found(Inbox.objects.filter(pk__in=HistoryImport.objects.values("inbox")), pk)
    if request.method != "POST":
        count = to_take_back(edited).count()
        return render.page(request, "console/inbox_history_undo.html", inbox=edited, count=count)
    return attempt(
        request,
        lambda: undo_import(actor=agent_of(request), inbox=edited),
        _("Earlier mail is being taken back; its conversations go to the deleted ones."),
        reverse("console:inbox_connect", args=[edited.pk]),
    )
