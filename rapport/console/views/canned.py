"""Canned replies."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.canned_replies.actions import (
    Wording,
    archive_canned_reply,
    create_canned_reply,
    edit_canned_reply,
    seen,
)
from rapport.canned_replies.models import CannedReply
from rapport.canned_replies.queries import example, preview
from rapport.console.forms.company import CannedReplyForm
from rapport.console.requests import agent_of, attempt, done, form_page, found, submit
from rapport.conversations.variables import VARIABLES
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.models import Brand
from rapport.staff.permissions import Permission
from rapport.ui.choices import language_name
from rapport.ui.rich_text import as_text


@door(Permission.CANNED_REPLIES)
@require_safe
def canned_replies(request: HttpRequest) -> HttpResponse:
    """Show the canned replies."""
    every = list(CannedReply.objects.select_related("brand", "team").order_by("name"))
    asker, first = agent_of(request), Brand.objects.filter(archived=False).order_by("name").first()
    brand_name = first.name if first else ""

    def preview_of(reply: CannedReply) -> str:
        own = reply.brand.name if reply.brand else brand_name
        return preview(example(reply, asker, brand_name=own))

    return render.page(
        request,
        "console/canned_replies.html",
        replies=[each for each in every if not each.archived],
        archived=[each for each in every if each.archived],
        preview_of=preview_of,
        language_name=language_name,
    )


@door(Permission.CANNED_REPLIES)
@require_safe
def canned_replies_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the canned replies as CSV."""
    every = CannedReply.objects.select_related("brand", "team").filter(archived=False).order_by("name")
    rows = [
        (each.name, each.shortcut, each.brand or "", each.team or "", each.language, as_text(each.html))
        for each in every
    ]
    headings = [_("Name"), _("Shortcut"), _("Brand"), _("Team"), _("Language"), _("Text")]
    return csv.answer("canned-replies", headings, rows)


@door(Permission.CANNED_REPLIES)
@require_http_methods(["GET", "HEAD", "POST"])
def canned_reply(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a canned reply, or change one."""
    actor, edited = agent_of(request), None if pk is None else found(CannedReply.objects.all(), pk)
    form = CannedReplyForm(request.POST or None, initial=_initial(edited) if edited else None)

    def act() -> None:
        values = form.cleaned_data
        wording = Wording(
            name=values["name"],
            shortcut=values["shortcut"],
            html=values["text"],
            brand_id=values["brand"],
            team_id=values["team"],
            language=values["language"],
        )
        if edited is None:
            create_canned_reply(actor=actor, wording=wording)
        else:
            edit_canned_reply(actor=actor, reply=edited, wording=wording, token=request.POST.get("seen", ""))

    if request.method == "POST" and submit(form, act):
        return done(request, _("Saved."), reverse("console:canned_replies"))
    return form_page(
        request,
        form,
        "console/canned_reply.html",
        heading=edited.name if edited else _("New canned reply"),
        back_url=reverse("console:canned_replies"),
        variables=VARIABLES,
        seen=seen(edited) if edited else "",
        archive_url=reverse("console:canned_reply_archive", args=[edited.pk]) if edited else None,
        archived=edited.archived if edited else False,
    )


def _initial(reply: CannedReply) -> dict[str, object]:
    return {
        "name": reply.name,
        "shortcut": reply.shortcut,
        "text": reply.html,
        "brand": reply.brand_id,
        "team": reply.team_id,
        "language": reply.language,
    }


@door(Permission.CANNED_REPLIES)
@require_POST
def canned_reply_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Archive a canned reply, or bring it back."""
    edited = found(CannedReply.objects.all(), pk)
    return attempt(
        request,
        lambda: archive_canned_reply(actor=agent_of(request), reply=edited, archived=not edited.archived),
        _("Saved."),
        reverse("console:canned_replies"),
    )
