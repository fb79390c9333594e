"""The pages for people who are not signed in yet: the invitation, and the first set-up."""

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from rapport.console.forms.people import PasswordForm, SetUpForm
from rapport.console.requests import form_page, submit
from rapport.kernel.web import render
from rapport.kernel.web.door import PUBLIC, door
from rapport.staff.actions.accept_invitation import Void, accept_invitation, open_invitation
from rapport.staff.actions.first_administrator import check_link, first_administrator
from rapport.staff.models import Account


@door(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person choose a password; opening the page uses nothing up."""
    form = PasswordForm(request.POST or None)
    accounts: list[Account] = []
    try:
        opened = open_invitation(token)
        accept = request.method == "POST" and submit(
            form,
            lambda: accounts.append(accept_invitation(token=token, password=form.cleaned_data["password"])),
        )
    except Void:
        return render.page(request, "console/void.html", status=410)
    if accept:
        return _sign_in(request, accounts[0])
    return form_page(request, form, "console/invitation.html", invited=opened.account.agent)


@door(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator, a brand and a team."""
    form = SetUpForm(request.POST or None)
    accounts: list[Account] = []

    def act() -> None:
        agent = first_administrator(token=token, **form.cleaned_data)
        accounts.append(agent.account)

    try:
        check_link(token)
        made = request.method == "POST" and submit(form, act)
    except Void:
        return render.page(request, "console/void.html", status=410)
    if made:
        return _sign_in(request, accounts[0], reverse("console:home"))
    return form_page(request, form, "console/set_up.html")


def _sign_in(request: HttpRequest, account: Account, address: str = "/") -> HttpResponse:
    # allauth's own steps: an account with two-factor sign-in is asked for its code before anything opens.
    answer = perform_login(request, account, redirect_url=address)
    return answer if answer is not None else HttpResponseRedirect(address)
