"""One's own profile, security and notification preferences, and everybody's picture."""

from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.console.forms.people import ProfileForm
from rapport.console.requests import agent_of, attempt, done, form_page, found, submit
from rapport.kernel.files.serving import serve
from rapport.kernel.web import render
from rapport.kernel.web.door import SIGNED_IN, door
from rapport.notifications.actions.prefer import WAYS, prefer
from rapport.notifications.models import About
from rapport.notifications.queries import preferences
from rapport.staff.actions.sign_out_everywhere import sign_out_everywhere
from rapport.staff.actions.update_profile import set_avatar, update_profile
from rapport.staff.models import Agent


@door(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what one says about oneself."""
    agent = agent_of(request)
    form = ProfileForm(request.POST or None, agent=agent)

    def act() -> None:
        values = form.cleaned_data
        update_profile(
            actor=agent,
            agent=agent,
            name=values["name"],
            public_name=values["public_name"],
            bio=values["bio"],
            language=values["language"],
            time_zone=values["time_zone"],
            signature_html=values["signature"],
        )

    if request.method == "POST" and submit(form, act):
        translation.activate(agent.language)
        return done(request, _("Saved."), reverse("console:profile"))
    return form_page(request, form, "console/profile.html", tab="profile")


@door(SIGNED_IN)
@require_POST
def avatar(request: HttpRequest) -> HttpResponse:
    """Set one's picture, or take it away where no file came."""
    agent, file = agent_of(request), request.FILES.get("avatar")
    content = file.read() if file is not None else None
    return attempt(
        request,
        lambda: set_avatar(actor=agent, agent=agent, content=content),
        _("Saved."),
        reverse("console:profile"),
    )


@door(SIGNED_IN)
@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001
    """Answer somebody's picture."""
    agent = found(Agent.objects.select_related("avatar"), pk)
    if agent.avatar is None:
        raise Http404
    return serve(agent.avatar, inline=True)  # type: ignore[return-value]


@door(SIGNED_IN)
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Show password, two-factor sign-in and sessions."""
    from allauth.mfa.utils import is_mfa_enabled

    return render.page(
        request, "console/security.html", tab="security", two_factor=is_mfa_enabled(agent_of(request).account)
    )


@door(SIGNED_IN)
@require_POST
def sign_out_others(request: HttpRequest) -> HttpResponse:
    """End all one's sessions but this one."""
    agent = agent_of(request)
    sign_out_everywhere(actor=agent, agent=agent)
    agent.account.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, agent.account)
    return done(request, _("All other sessions are signed out."), reverse("console:security"))


@door(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def notification_preferences(request: HttpRequest) -> HttpResponse:
    """Show and change how one is told."""
    agent = agent_of(request)
    if request.method == "POST":
        wishes = {about: {way: f"{about}-{way}" in request.POST for way in WAYS} for about in About}
        prefer(agent=agent, wishes=wishes)
        return done(request, _("Saved."), reverse("console:notification_preferences"))
    return render.page(
        request, "console/notifications.html", tab="notifications", preferences=preferences(agent)
    )
