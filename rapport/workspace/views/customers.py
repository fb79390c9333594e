"""The record of one person: what is known, their addresses, their conversations, what was changed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.conversations.queries import lists
from rapport.customers.actions import identities
from rapport.customers.actions.companies import create_company
from rapport.customers.actions.edit_customer import edit_customer
from rapport.customers.models import Company, Customer, Identity
from rapport.customers.names import called
from rapport.customers.queries.group import group_ids, identities_of
from rapport.customers.queries.people import NotFound, customer_for
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.authority import NotAllowed, Refused
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.forms import CustomerForm
from rapport.workspace.record import facts, history
from rapport.workspace.requests import AgentRequest
from rapport.workspace.rows import rows_of
from rapport.workspace.sidebar import rail

TEMPLATE = "workspace/customer.html"
COMPANIES = 200
CONVERSATIONS = 30
LARGEST = 2**62


@door(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def customer(request: AgentRequest, pk: int) -> HttpResponse:
    """Show the record of a person, or keep what was changed of it."""
    person = _load(request, pk)
    if person.merged_into_id is not None:
        return HttpResponseRedirect(reverse("customer", args=[group_ids(person)[0]]))
    form = CustomerForm(request.POST if request.method == "POST" else None, customer=person)
    if request.method == "POST" and form.is_valid():
        return _attempt(request, person, lambda: _keep(request.agent, person, form), _("Saved."))
    known = identities_of(person)
    return render.page(
        request,
        TEMPLATE,
        status=422 if form.errors else 200,
        views=rail(request.agent, counted=False),
        customer=person,
        form=form,
        facts=facts(person),
        may_edit=request.agent.can(Permission.CUSTOMERS),
        may_block=request.agent.can(Permission.TRAYS),
        companies=list(Company.objects.order_by("name").values_list("name", flat=True)[:COMPANIES]),
        identities=known,
        called=called(person.name, [each.value for each in known]),
        **_conversations(request, person),
        events=history(person),
    )


def _conversations(request: AgentRequest, person: Customer) -> dict[str, Any]:
    """Return a page of the person's conversations, how many there are, and where the next page begins."""
    cursor = lists.Cursor.read(request.GET.get("after", ""))
    rows, after = lists.of_person(request.agent, person.pk, cursor=cursor, size=CONVERSATIONS)
    here = reverse("customer", args=[person.pk])
    return {
        "conversations": rows_of(rows),
        "count": lists.count_of_person(request.agent, person.pk) if after or cursor else len(rows),
        "next_url": f"{here}?{urlencode({'after': str(after)})}#conversations" if after else "",
    }


@door(Permission.CUSTOMERS)
@require_POST
def add_address(request: AgentRequest, pk: int) -> HttpResponse:
    """Give the person another address."""
    person = _load(request, pk)
    value = request.POST.get("value", "")
    return _attempt(
        request,
        person,
        lambda: identities.add_identity(agent=request.agent, customer=person, value=value),
        _("The address was added."),
    )


ACTS: dict[str, tuple[Callable[[Agent, Identity], object], Promise]] = {
    "verify": (
        lambda agent, identity: identities.verify_identity(agent=agent, identity=identity),
        _("The address is confirmed."),
    ),
    "remove": (
        lambda agent, identity: identities.remove_identity(agent=agent, identity=identity),
        _("The address was removed. What came from it stays."),
    ),
    "block": (
        lambda agent, identity: identities.block_identity(agent=agent, identity=identity, blocked=True),
        _("Mail from this address goes to spam from now on."),
    ),
    "unblock": (
        lambda agent, identity: identities.block_identity(agent=agent, identity=identity, blocked=False),
        _("Mail from this address is let in again."),
    ),
}
"""What can be done to an address, and what the page says then."""


@door(Permission.CUSTOMERS)
@require_POST
def change_address(request: AgentRequest, pk: int, identity: int, act: str) -> HttpResponse:
    """Confirm, remove, block or unblock one address of the person."""
    person = _load(request, pk)
    chosen = next((each for each in identities_of(person) if each.pk == identity), None)
    if chosen is None:
        raise Http404
    run, words = ACTS[act]
    return _attempt(request, person, lambda: run(request.agent, chosen), words)


def _load(request: AgentRequest, pk: int) -> Customer:
    if pk > LARGEST:
        raise Http404
    try:
        return customer_for(request.agent, pk)
    except NotFound:
        raise Http404 from None


def _keep(agent: Agent, person: Customer, form: CustomerForm) -> None:
    values = form.cleaned_data
    with transaction.atomic():
        edit_customer(
            agent=agent,
            customer=person,
            name=values["name"],
            company=_company(agent, values["company"]),
            language=values["language"],
            time_zone=values["time_zone"],
            tags=form.tag_names(),
            notes=values["notes"],
        )


def _company(agent: Agent, name: str) -> Company | None:
    if not name:
        return None
    known = Company.objects.filter(name__iexact=name).order_by("pk").first()
    return known or create_company(agent=agent, name=name)


def _attempt(
    request: AgentRequest, person: Customer, act: Callable[[], object], words: Promise
) -> HttpResponse:
    """Do one act and show the record again, saying ``words`` or why it was refused."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused.reason))
    except NotAllowed:
        raise PermissionDenied from None
    else:
        messages.success(request, str(words))
    return HttpResponseRedirect(reverse("customer", args=[person.pk]))
