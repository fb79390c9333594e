"""Inboxes: list, basics, connection, test, earlier mail."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.channels.email import oauth
from rapport.channels.email.actions.connect import connect as save_connection
from rapport.channels.email.actions.try_plus_address import can_try, try_plus_address
from rapport.channels.email.adapter import settings_of
from rapport.channels.email.check import tested
from rapport.channels.email.models import EmailSettings, HistoryImport, Incoming, Outgoing
from rapport.channels.email.plus_proof import Proof, proof
from rapport.console.forms.inboxes import INCOMING, OAUTH, OUTGOING, ConnectForm, InboxForm
from rapport.console.mail_ways import BY_KEY, EVERYTHING, Way, way_of
from rapport.console.requests import agent_of, attempt, done, form_page, found, submit
from rapport.console.views.inbox_sign_in import redirect_address
from rapport.conversations.queries.unsent import unsent
from rapport.inboxes.actions.edit_inbox import Basics, activate_inbox, create_inbox, edit_inbox
from rapport.inboxes.contract import Problem
from rapport.inboxes.models import Inbox
from rapport.inboxes.queries.untaken import state_words, trouble_words, untaken
from rapport.inboxes.queries.used import used
from rapport.inboxes.registry import channel
from rapport.kernel.jobs.hold import held
from rapport.kernel.web import csv, render
from rapport.kernel.web.door import door
from rapport.staff.authority import Refused
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.staff.queries.people import brands, teams

NEEDS = {
    **dict.fromkeys(INCOMING[1:], "imap"),
    "imap_secret": "imap-secret",
    **{name: "webhook" for name in INCOMING if name.startswith("webhook_")},
    "move_to": "imap-move",
    "history_days": "imap-days",
    **{name: "smtp" for name in OUTGOING if name.startswith("smtp_")},
    "smtp_secret": "smtp-secret",
    **{name: "service" for name in OUTGOING if name.startswith("provider")},
    **{name: "oauth" for name in OAUTH if name != "oauth_provider"},
    "acknowledgement": "acknowledge",
}
"""Which choice each field of the connection belongs to; the style sheet hides it beside another one."""


def _inboxes() -> list[Inbox]:
    return list(Inbox.objects.select_related("brand", "team", "email").order_by("-active", "name"))


def _listed() -> dict[str, Any]:
    refused, stuck, listed = untaken(), unsent(), _inboxes()
    return {
        "inboxes": listed,
        "troubles": {each.pk: trouble_words(each, refused, stuck) for each in listed},
        "in_trays": {each.pk for each in listed if each.pk in refused and not each.trouble} - stuck.keys(),
    }


def _lacking(inbox: Inbox) -> str:
    """Return what an inbox cannot do because nobody has set it up; empty where mail comes in and goes out."""
    if inbox.kind != "email":
        return ""
    stored: EmailSettings | None = getattr(inbox, "email", None)
    comes = stored is not None and stored.incoming != Incoming.NONE
    goes = stored is not None and stored.outgoing != Outgoing.NONE
    if not comes and not goes:
        return gettext("Not connected yet")
    return "" if comes and goes else str(Outgoing.NONE.label if comes else Incoming.NONE.label)


@door(Permission.SETTINGS)
@require_safe
def inboxes(request: HttpRequest) -> HttpResponse:
    """Show the inboxes and what is wrong with them."""
    ready = brands().exists() and teams().exists()
    return render.page(request, "console/inboxes.html", **_listed(), ready=ready, lacking=_lacking)


@door(Permission.SETTINGS)
@require_safe
def inboxes_csv(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001
    """Answer the inboxes as CSV."""
    waiting = (untaken(), unsent())
    rows = [
        (
            each.name,
            each.address,
            each.brand.name,
            each.team.name,
            each.last_received_at or "",
            state_words(each, *waiting),
        )
        for each in _inboxes()
    ]
    headings = [_("Name"), _("Address"), _("Brand"), _("Team"), _("Last mail"), _("Trouble")]
    return csv.answer("inboxes", headings, rows)


@door(Permission.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add an inbox, or change its basics."""
    actor, edited = agent_of(request), None if pk is None else found(Inbox.objects.all(), pk)
    form = InboxForm(request.POST or None, inbox=edited)
    made: list[Inbox] = []

    def act() -> None:
        values = form.cleaned_data
        basics = Basics(
            name=values["name"],
            address=values["address"],
            sender_name=values["sender_name"],
            brand_id=values["brand"],
            team_id=values["team"],
        )
        if edited is None:
            made.append(create_inbox(actor=actor, basics=basics))
        else:
            edit_inbox(actor=actor, inbox=edited, basics=basics)

    if request.method == "POST" and submit(form, act):
        if made:
            words = _("Now say how its mail comes in and goes out.")
            return done(request, words, reverse("console:inbox_provider", args=[made[0].pk]))
        return done(request, _("Saved."), reverse("console:inboxes"))
    is_used = edited is not None and used(edited)
    return form_page(request, form, "console/inbox.html", inbox=edited, is_used=is_used)


@door(Permission.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def inbox_connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change how mail comes in and goes out; with ``test`` the page then has the settings tried.

    ``way`` in the address is the kind of provider just chosen; what follows from it is filled in.
    """
    actor, edited = agent_of(request), found(Inbox.objects.filter(kind="email"), pk)
    stored, way = settings_of(edited), BY_KEY.get(request.GET.get("way", ""))
    clear = way.filled(edited.address, stored) if way and way != way_of(stored) else None
    form = ConnectForm(request.POST or None, instance=stored, initial=clear)

    def act() -> None:
        values = {name: form.cleaned_data[name] for name in form.cleaned_data if name in form.fields}
        save_connection(actor=actor, inbox=edited, values=values)

    if request.method != "POST":
        return _connection(request, edited, form, way=way)
    if not submit(form, act):
        return _connection(request, edited, form, outcome="refused", way=way)
    fresh = ConnectForm(instance=settings_of(edited))
    return _connection(request, edited, fresh, outcome="trying" if "test" in request.POST else "saved")


@door(Permission.SETTINGS)
@require_POST
def inbox_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the saved settings and say what is wrong."""
    edited = found(Inbox.objects.filter(kind="email"), pk)
    problems = _test(agent_of(request), edited)
    form = ConnectForm(instance=settings_of(edited))
    return _connection(request, edited, form, outcome="tested", problems=problems)


def _connection(
    request: HttpRequest,
    edited: Inbox,
    form: ConnectForm,
    *,
    outcome: str = "",
    problems: Sequence[Problem] = (),
    way: Way | None = None,
) -> HttpResponse:
    """Show the page; its one place for results says the ``outcome``: refused, saved, trying or tested."""
    stored = settings_of(edited)
    shown = way or way_of(stored)
    return form_page(
        request,
        form,
        "console/inbox_connect.html",
        way=shown,
        here=reverse("console:inbox_connect", args=[edited.pk]) + (f"?way={way.key}" if way else ""),
        inbox=edited,
        outcome=outcome,
        sections=shown.sections if shown else EVERYTHING,
        folded=shown.folded() if shown else (),
        needs=NEEDS,
        problems=problems,
        tested=tested(stored),
        webhook_address=request.build_absolute_uri(reverse("email-webhook", args=[stored.webhook_path])),
        lmtp_port=settings.ENVIRONMENT.lmtp_port,
        history=HistoryImport.objects.filter(inbox=edited).order_by("-pk").first(),
        plus=proof(stored, edited.address) if can_try(stored) else None,
        settings=stored,
        sign_in_ready=oauth.ready(stored) if stored.pk else False,
        sign_in_returns_to=redirect_address(),
    )


def _test(actor: Agent, inbox: Inbox) -> list[Problem]:
    """Try the saved settings; where they work, a test mail goes to a plus address that is not proven yet."""
    problems = channel(inbox.kind).check(inbox)
    stored = settings_of(inbox)
    if not problems and can_try(stored) and proof(stored, inbox.address) != Proof.PROVEN and not held():
        try:
            try_plus_address(actor=actor, inbox=inbox)
        except Refused as refused:
            problems = [Problem(setting=refused.field, words=str(refused.reason))]
    return problems


@door(Permission.SETTINGS)
@require_POST
def inbox_plus_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test mail to a plus address of the inbox."""
    edited = found(Inbox.objects.filter(kind="email"), pk)
    return attempt(
        request,
        lambda: try_plus_address(actor=agent_of(request), inbox=edited),
        _("The test mail is on its way."),
        reverse("console:inbox_connect", args=[edited.pk]),
    )


@door(Permission.SETTINGS)
@require_POST
def inbox_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an inbox, or start it again."""
    edited = found(Inbox.objects.all(), pk)
    return attempt(
        request,
        lambda: activate_inbox(actor=agent_of(request), inbox=edited, active=not edited.active),
        _("Saved."),
        reverse("console:inboxes"),
    )
