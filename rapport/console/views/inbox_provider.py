"""The first question about the mail of an inbox: from which kind of provider it comes."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rapport.console.mail_ways import WAYS, way_for
from rapport.console.requests import found
from rapport.inboxes.models import Inbox
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission


@door(Permission.SETTINGS)
@require_safe
def inbox_provider(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer the kinds of providers; what the address tells stands first."""
    edited = found(Inbox.objects.filter(kind="email"), pk)
    told = way_for(edited.address)
    return render.page(
        request,
        "console/inbox_provider.html",
        inbox=edited,
        ways=sorted(WAYS, key=lambda way: way != told),
        told=told,
    )
