"""The pages for people who are not signed in yet: the invitation, and the first set-up."""

from collections.abc import Callable
from contextlib import suppress

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from rapport.console.forms.people import PasswordForm, SetUpForm
from rapport.console.requests import form_page, submit
from rapport.kernel.web import render
from rapport.kernel.web.door import PUBLIC, door
from rapport.staff.actions.accept_invitation import (
    Void,
    accept_invitation,
    just_accepted,
    open_invitation,
)
from rapport.staff.actions.first_administrator import check_link, first_administrator, just_made
from rapport.staff.models import Account

FIRST_STEP = "console:inboxes"


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
        return _used_up(
            request, form, lambda: just_accepted(token=token, password=form.cleaned_data["password"])
        )
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
        return _used_up(request, form, lambda: just_made(token=token, **_credentials(form)), FIRST_STEP)
    if made:
        messages.success(request, gettext("Rapport is set up. Connect an inbox first, then invite people."))
        return _sign_in(request, accounts[0], resolve_url(FIRST_STEP))
    return form_page(request, form, "console/set_up.html")


def _credentials(form: forms.Form) -> dict[str, str]:
    return {"address": form.cleaned_data["address"], "password": form.cleaned_data["password"]}


def _used_up(
    request: HttpRequest, form: forms.Form, again: Callable[[], Account], to: str = "/"
) -> HttpResponse:
    # Of a double click only the second answer is seen; the first has used the link up already.
    if request.method == "POST" and form.is_valid():
        with suppress(Void):
            return _sign_in(request, again(), resolve_url(to))
    return render.page(request, "console/void.html", status=410)


def _sign_in(request: HttpRequest, account: Account, address: str = "/") -> HttpResponse:
    # allauth's own steps: an account with two-factor sign-in is asked for its code before anything opens.
    answer = perform_login(request, account, redirect_url=address)
    return answer if answer is not None else HttpResponseRedirect(address)
