"""What the settings views share: who asks, answers to a form, and objects by number."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.console.forms.fields import refuse
from rapport.kernel.web import render
from rapport.staff.authority import NotAllowed, Refused
from rapport.staff.models import Agent

M = TypeVar("M", bound=Model)
LARGEST = 2**62
NOT_ALLOWED = _("Your role may not do that.")


def agent_of(request: HttpRequest) -> Agent:
    """Return who asks; the door has let them in."""
    agent: Agent = request.agent  # type: ignore[attr-defined]
    return agent


def found(queryset: QuerySet[M], pk: int) -> M:
    """Return the row with this id; raises ``Http404``."""
    row = queryset.filter(pk=pk).first() if pk < LARGEST else None
    if row is None:
        raise Http404
    return row


def done(request: HttpRequest, words: str | Promise, address: str) -> HttpResponse:
    """Say what was done, on the page at ``address``."""
    messages.success(request, str(words))
    return HttpResponseRedirect(address)


def attempt(
    request: HttpRequest,
    act: Callable[[], object],
    words: str | Promise,
    address: str,
    *,
    level: int = messages.SUCCESS,
) -> HttpResponse:
    """Do one act behind a button and go on to ``address``, saying ``words`` or why it was refused."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused.reason))
    except NotAllowed:
        messages.error(request, str(NOT_ALLOWED))
    else:
        messages.add_message(request, level, str(words))
    return HttpResponseRedirect(address)


def form_page(request: HttpRequest, form: forms.BaseForm, template: str, **context: object) -> HttpResponse:
    """Show a form; with status 422 where it came back with errors."""
    return render.page(request, template, status=422 if form.errors else 200, form=form, **context)


def sure(
    request: HttpRequest,
    heading: str,
    follows: Sequence[str | Promise],
    *,
    label: str | Promise,
    icon_name: str,
    back_url: str,
) -> HttpResponse:
    """Ask before an act that takes something from people; ``follows`` says what comes of it."""
    return render.page(
        request,
        "console/sure.html",
        heading=heading,
        follows=follows,
        label=label,
        icon_name=icon_name,
        back_url=back_url,
    )


def submit(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Do ``act`` where the form is valid; a refusal is put beside its field. True where it was done."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refused:
        refuse(form, refused)
        return False
    except NotAllowed:
        form.add_error(None, str(NOT_ALLOWED))
        return False
    return True
