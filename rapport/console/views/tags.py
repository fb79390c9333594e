"""Tags."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.console.forms.company import TagForm
from rapport.console.requests import agent_of, attempt, done, form_page, found, submit, sure
from rapport.conversations.actions.edit_tag import create_tag, delete_tag, edit_tag
from rapport.conversations.models import Tag
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission


@door(Permission.TAGS)
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """Show the tags and how many conversations carry each."""
    every = Tag.objects.annotate(used=Count("conversations")).order_by("name")
    return render.page(request, "console/tags.html", tags=list(every))


@door(Permission.TAGS)
@require_safe
def tags_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the tags as CSV."""
    rows = Tag.objects.annotate(used=Count("conversations")).order_by("name")
    return csv.answer("tags", [_("Name"), _("Conversations")], rows.values_list("name", "used"))


@door(Permission.TAGS)
@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a tag, or change one."""
    actor, edited = agent_of(request), None if pk is None else found(Tag.objects.all(), pk)
    initial = {"name": edited.name} if edited else None
    form = TagForm(request.POST or None, initial=initial)

    def act() -> None:
        if edited is None:
            create_tag(actor=actor, **form.cleaned_data)
        else:
            edit_tag(actor=actor, tag=edited, colour=edited.colour, **form.cleaned_data)

    if request.method == "POST" and submit(form, act):
        return done(request, _("Saved."), reverse("console:tags"))
    return form_page(
        request,
        form,
        "console/form.html",
        heading=edited.name if edited else _("New tag"),
        lead=_("A word that agents put on conversations to find and count them."),
        submit_label=_("Save"),
        back_url=reverse("console:tags"),
        delete_url=reverse("console:tag_delete", args=[edited.pk]) if edited else None,
        delete_words=_("It goes from every conversation that carries it."),
    )


@door(Permission.TAGS)
@require_http_methods(["GET", "HEAD", "POST"])
def tag_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a tag is really to be deleted, and do it."""
    edited = found(Tag.objects.all(), pk)
    if request.method != "POST":
        used = edited.conversations.count()
        words = ngettext(
            "It goes from %(num)s conversation.", "It goes from %(num)s conversations.", used
        ) % {"num": used}
        return sure(
            request,
            gettext("Delete the tag “%(name)s”?") % {"name": edited.name},
            [words, _("There is no way back.")],
            label=_("Delete it"),
            icon_name="trash-2",
            back_url=reverse("console:tag", args=[edited.pk]),
        )
    return attempt(
        request,
        lambda: delete_tag(actor=agent_of(request), tag=edited),
        _("Deleted."),
        reverse("console:tags"),
    )
