"""Brands and teams."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.console.forms.company import BrandForm, TeamForm
from rapport.console.requests import agent_of, attempt, done, form_page, found, submit, sure
from rapport.conversations.queries.unsolved import unsolved_of_team
from rapport.inboxes.models import Inbox
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.actions.brands import archive_brand, create_brand, edit_brand
from rapport.staff.actions.teams import archive_team, create_team, rename_team
from rapport.staff.authority import manages
from rapport.staff.models import Agent, Brand, Team
from rapport.staff.permissions import Permission
from rapport.staff.queries import people as queries
from rapport.ui.rich_text import as_text


@door(Permission.SETTINGS)
@require_safe
def brands(request: HttpRequest) -> HttpResponse:
    """Show the brands."""
    return render.page(
        request,
        "console/brands.html",
        brands=list(queries.brands()),
        archived=list(queries.brands(archived=True)),
        as_text=as_text,
    )


@door(Permission.SETTINGS)
@require_safe
def brands_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the brands as CSV."""
    rows = [(each.name, each.colour, each.website, as_text(each.signature_html)) for each in queries.brands()]
    return csv.answer("brands", [_("Name"), _("Colour"), _("Website"), _("Signature")], rows)


@door(Permission.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def brand(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a brand, or change one."""
    actor, edited = agent_of(request), None if pk is None else found(Brand.objects.all(), pk)
    form = BrandForm(request.POST or None, brand=edited)

    def act() -> None:
        values = form.cleaned_data
        wording = {
            "name": values["name"],
            "colour": values["colour"],
            "website": values["website"],
            "signature_html": values["signature"],
        }
        if edited is None:
            create_brand(actor=actor, **wording)
        else:
            edit_brand(actor=actor, brand=edited, **wording)

    if request.method == "POST" and submit(form, act):
        return done(request, _("Saved."), reverse("console:brands"))
    return form_page(
        request,
        form,
        "console/brand.html",
        heading=edited.name if edited else _("New brand"),
        lead=_("A face of your company towards customers: its name, colour and signature."),
        submit_label=_("Save"),
        back_url=reverse("console:brands"),
        archive_url=reverse("console:brand_archive", args=[edited.pk]) if edited else None,
        archived=edited.archived if edited else False,
    )


@door(Permission.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def brand_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a brand is to be archived and do it, or bring it back."""
    edited = found(Brand.objects.all(), pk)
    if request.method != "POST":
        return _sure_to_archive(
            request,
            gettext("Archive the brand “%(name)s”?") % {"name": edited.name},
            _inboxes_stay(Inbox.objects.filter(brand=edited, active=True).count()),
            reverse("console:brand", args=[edited.pk]),
        )
    return attempt(
        request,
        lambda: archive_brand(
            actor=agent_of(request), brand=edited, archived="bring_back" not in request.POST
        ),
        _("Saved."),
        reverse("console:brands"),
    )


@door(Permission.PEOPLE)
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """Show the teams."""
    return render.page(
        request,
        "console/teams.html",
        teams=list(queries.teams()),
        archived=list(queries.teams(archived=True)),
    )


@door(Permission.PEOPLE)
@require_safe
def teams_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the teams as CSV."""
    rows = [(each.name, each.people) for each in queries.teams()]  # type: ignore[attr-defined]
    return csv.answer("teams", [_("Name"), _("People")], rows)


@door(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a team, or rename one."""
    actor, edited = agent_of(request), None if pk is None else found(Team.objects.all(), pk)
    form = TeamForm(request.POST or None, initial={"name": edited.name} if edited else None)

    def act() -> None:
        if edited is None:
            create_team(actor=actor, name=form.cleaned_data["name"])
        else:
            rename_team(actor=actor, team=edited, name=form.cleaned_data["name"])

    if request.method == "POST" and submit(form, act):
        return done(request, _("Saved."), reverse("console:teams"))
    return form_page(
        request,
        form,
        "console/team.html",
        **(_members(actor, edited) if edited else {}),
        team=edited,
        heading=edited.name if edited else _("New team"),
        lead=_("People who share a queue."),
        submit_label=_("Save"),
        back_url=reverse("console:teams"),
        archive_url=reverse("console:team_archive", args=[edited.pk]) if edited else None,
        archived=edited.archived if edited else False,
    )


def _members(asker: Agent, team: Team) -> dict[str, object]:
    """Return who is in a team, whom of them the asker may take out, and whom they may put into it."""
    people = list(queries.agents().filter(teams=team))
    others = queries.active_agents().exclude(teams=team)
    return {
        "people": people,
        "managed": {each.pk for each in people if manages(asker, each.role)},
        "others": [each for each in others if manages(asker, each.role)],
    }


@door(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def team_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a team is to be archived and do it, or bring it back."""
    edited = found(Team.objects.all(), pk)
    if request.method != "POST":
        unsolved = unsolved_of_team(edited)
        words = ngettext(
            "%(num)s unsolved conversation loses the list of this team and stays in the other lists.",
            "%(num)s unsolved conversations lose the list of this team and stay in the other lists.",
            unsolved,
        ) % {"num": unsolved}
        return _sure_to_archive(
            request,
            gettext("Archive the team “%(name)s”?") % {"name": edited.name},
            [words, *_inboxes_stay(Inbox.objects.filter(team=edited, active=True).count())],
            reverse("console:team", args=[edited.pk]),
        )
    return attempt(
        request,
        lambda: archive_team(actor=agent_of(request), team=edited, archived="bring_back" not in request.POST),
        _("Saved."),
        reverse("console:teams"),
    )


def _inboxes_stay(count: int) -> list[str]:
    words = ngettext(
        "%(num)s inbox goes on as it is set: change it first.",
        "%(num)s inboxes go on as they are set: change them first.",
        count,
    )
    return [words % {"num": count}] if count else []


def _sure_to_archive(request: HttpRequest, heading: str, follows: list[str], back_url: str) -> HttpResponse:
    return sure(
        request,
        heading,
        [*follows, _("It can no longer be chosen. It can be brought back.")],
        label=_("Archive it"),
        icon_name="archive",
        back_url=back_url,
    )
