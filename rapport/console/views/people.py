"""Members of staff: list, invitation, rights, disabling."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.console.forms.people import InviteForm, PersonForm
from rapport.console.requests import agent_of, attempt, done, form_page, found, submit, sure
from rapport.conversations.queries.unsolved import unsolved_of
from rapport.kernel.outbound.mail import can_send
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.actions.create_agent import create_agent
from rapport.staff.actions.disable import disable as disable_agent
from rapport.staff.actions.disable import enable as enable_agent
from rapport.staff.actions.edit_agent import edit_agent
from rapport.staff.actions.invite import invite as invite_agent
from rapport.staff.actions.sign_out_everywhere import sign_out_everywhere
from rapport.staff.actions.two_factor_off import two_factor_off as switch_two_factor_off
from rapport.staff.authority import manages
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.staff.queries.people import agents
from rapport.staff.roles import Role

NO_MAIL = _(
    "No mail can be sent: Rapport has no mail server for its own mail (RAPPORT_SMTP_URL). "
    "The new link goes out once there is one."
)


def _page(agent: Agent) -> str:
    return reverse("console:person", args=[agent.pk])


@door(Permission.PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show everybody."""
    return render.page(request, "console/people.html", people=list(agents()))


@door(Permission.PEOPLE)
@require_safe
def people_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer everybody as CSV."""
    rows = [
        (
            each.name,
            each.account.email,
            each.get_role_display(),
            ", ".join(team.name for team in each.teams.all()),
            ", ".join(brand.name for brand in each.brands.all()),
            _("active") if each.active else _("disabled"),
        )
        for each in agents()
    ]
    return csv.answer(
        "people", [_("Name"), _("Address"), _("Role"), _("Teams"), _("Brands"), _("State")], rows
    )


@door(Permission.PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Add somebody and send the invitation."""
    asker = agent_of(request)
    form = InviteForm(request.POST or None, asker=asker, initial={"language": asker.language})
    made: list[tuple[Agent, str]] = []

    def act() -> None:
        values = form.cleaned_data
        agent = create_agent(
            actor=asker,
            address=values["address"],
            name=values["name"],
            role=Role(values["role"]),
            team_ids=values["teams"],
            brand_ids=values["brands"],
            language=values["language"],
            time_zone=asker.time_zone,
        )
        made.append((agent, invite_agent(actor=asker, agent=agent)))

    if request.method == "POST" and submit(form, act):
        agent, link = made[0]
        if not can_send():
            return _hand_over(request, agent, link)
        words = _("An invitation is on its way to %(address)s.") % {"address": agent.account.email}
        return done(request, words, reverse("console:people"))
    return form_page(
        request,
        form,
        "console/form.html",
        heading=_("Invite somebody"),
        lead=_("They get a mail with a link, choose a password and can begin.")
        if can_send()
        else _("No mail can be sent now: you get the link, and hand it over yourself."),
        submit_label=_("Send the invitation") if can_send() else _("Make the invitation"),
        back_url=reverse("console:people"),
    )


@door(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change the rights of one member of staff."""
    asker, agent = agent_of(request), found(agents(), pk)
    form = PersonForm(request.POST or None, asker=asker, agent=agent)

    def act() -> None:
        values = form.cleaned_data
        edit_agent(
            actor=asker,
            agent=agent,
            name=values["name"],
            role=Role(values["role"]),
            team_ids=values["teams"],
            brand_ids=values["brands"],
        )

    if request.method == "POST" and submit(form, act):
        return done(request, _("Saved. It holds from the next click on."), _page(agent))
    return form_page(
        request,
        form,
        "console/person.html",
        person=agent,
        invited=not agent.account.has_usable_password(),
        may_manage=manages(asker, agent.role),
        oneself=asker.pk == agent.pk,
        two_factor=is_mfa_enabled(agent.account),
    )


@door(Permission.PEOPLE)
@never_cache
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a new invitation, which voids the earlier one."""
    agent = found(agents(), pk)
    links: list[str] = []

    def act() -> None:
        links.append(invite_agent(actor=agent_of(request), agent=agent))

    if can_send():
        words = _("A new link is on its way. The earlier one no longer works.")
        return attempt(request, act, words, _page(agent))
    if agent.account.has_usable_password():
        # The link to an account in use stays unseen: whoever holds it takes the account over.
        return attempt(request, act, NO_MAIL, _page(agent), level=messages.WARNING)
    refused = attempt(request, act, _("The earlier link no longer works."), _page(agent))
    return _hand_over(request, agent, links[0]) if links else refused


def _hand_over(request: HttpRequest, agent: Agent, link: str) -> HttpResponse:
    """Show the link where no mail can bring it, once and to whoever has just invited."""
    return render.page(request, "console/invitation_link.html", person=agent, link=link)


@door(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def disable(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether somebody is really to be locked out, and do it."""
    agent = found(agents(), pk)
    if request.method != "POST":
        unsolved = unsolved_of(agent).count()
        words = ngettext(
            "%(num)s unsolved conversation becomes unassigned.",
            "%(num)s unsolved conversations become unassigned.",
            unsolved,
        ) % {"num": unsolved}
        return sure(
            request,
            gettext("Disable %(name)s?") % {"name": agent.name},
            [_("This person is signed out everywhere at once and cannot sign in any more."), words],
            label=_("Disable"),
            icon_name="ban",
            back_url=_page(agent),
        )
    return attempt(
        request,
        lambda: disable_agent(actor=agent_of(request), agent=agent),
        _("Disabled and signed out everywhere. Nothing they wrote is lost."),
        _page(agent),
    )


@door(Permission.PEOPLE)
@require_POST
def enable(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    agent = found(agents(), pk)
    return attempt(
        request, lambda: enable_agent(actor=agent_of(request), agent=agent), _("Enabled."), _page(agent)
    )


@door(Permission.PEOPLE)
@require_POST
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of somebody."""
    agent = found(agents(), pk)
    return attempt(
        request,
        lambda: sign_out_everywhere(actor=agent_of(request), agent=agent),
        _("Signed out everywhere."),
        _page(agent),
    )


@door(Permission.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def two_factor_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether somebody may really sign in without their second step, and let them."""
    agent = found(agents(), pk)
    if request.method != "POST":
        return sure(
            request,
            gettext("Switch off the two-factor sign-in of %(name)s?") % {"name": agent.name},
            [
                _("Only when you know that it is really this person who asks: call them, or see them."),
                _("Their password alone signs them in from then on, until they switch it on again."),
                _("They are signed out everywhere and told by mail."),
            ],
            label=_("Switch off"),
            icon_name="shield-alert",
            back_url=_page(agent),
        )
    return attempt(
        request,
        lambda: switch_two_factor_off(actor=agent_of(request), agent=agent),
        _("Switched off. They are signed out everywhere and told by mail."),
        _page(agent),
    )
