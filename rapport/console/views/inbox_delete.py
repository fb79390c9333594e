"""Deleting an inbox that was made by mistake."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from rapport.console.requests import agent_of, attempt, found, sure
from rapport.inboxes.actions.delete_inbox import delete_inbox
from rapport.inboxes.models import Inbox
from rapport.inboxes.queries.used import used
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission


@door(Permission.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def inbox_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether an unused inbox is really to be deleted, and do it."""
    edited = found(Inbox.objects.all(), pk)
    if request.method == "POST":
        return attempt(
            request,
            lambda: delete_inbox(actor=agent_of(request), inbox=edited),
            _("Deleted."),
            reverse("console:inboxes"),
        )
    if used(edited):
        raise Http404
    return sure(
        request,
        gettext("Delete %(name)s?") % {"name": edited.name},
        [
            _("The inbox and how it is connected are deleted. Nothing ever came in or went out."),
            _("This cannot be undone. Nothing in the mailbox changes."),
        ],
        label=_("Delete this inbox"),
        icon_name="trash-2",
        back_url=reverse("console:inbox", args=[edited.pk]),
    )
