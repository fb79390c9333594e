"""One conversation: thread, header, composer, side panel."""

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from rapport.conversations.models import Conversation, Kind, Participant, Status
from rapport.conversations.queries import lists
from rapport.conversations.queries.access import follows
from rapport.conversations.queries.files import files_of, files_with
from rapport.conversations.queries.thread import thread_of
from rapport.customers.models import Customer
from rapport.customers.names import called
from rapport.kernel.clock import now
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.scripted import by_script
from rapport.staff.permissions import Permission, Reach
from rapport.ui.choices import language_name
from rapport.workspace.beneath import asked
from rapport.workspace.composer import KINDS, composer_for
from rapport.workspace.entries import EntryView, FileView, entry_views, marked
from rapport.workspace.requests import AgentRequest, load, whole_number
from rapport.workspace.rows import Row, rows_of
from rapport.workspace.sidebar import rail

TEMPLATE = "workspace/conversation.html"
FILES = 20
"""Files that the side panel shows; all of them have a page."""


@dataclass(frozen=True)
class ConversationView:
    """A conversation as its header reads it."""

    pk: int
    number: int
    subject: str
    status: str
    status_label: str
    priority: int
    kind_label: str
    assignee: Any
    team: Any
    inbox: Any
    brand: Any
    tags: list[str]
    snoozed_until: datetime | None
    url: str
    topic: str
    last_seq: int
    spam: bool
    deleted: bool
    following: bool
    may_reply: bool
    may_organise: bool
    may_delete: bool


@dataclass(frozen=True)
class Panel:
    """Who the customer is, and what was before."""

    customer: Any
    earlier: list[Row]
    earlier_count: int
    files: list[FileView] = field(default_factory=list)
    files_count: int = 0
    files_url: str = ""
    participants: list[Participant] = field(default_factory=list)
    followers: list[str] = field(default_factory=list)
    sharing: list[Customer] = field(default_factory=list)


@door(Permission.READ)
@require_GET
def conversation(request: AgentRequest, number: int) -> HttpResponse:
    """Show a conversation, or with ``part`` one block of the page."""
    found = load(request, number)
    part = request.GET.get("part", "")
    if part == "header":
        return header(request, found)
    if part == "composer":
        answered = whole_number(request.GET.get("answered")) or 0
        mode = request.GET.get("mode", "")
        return composer(request, found, mode=mode, below=asked(request), answered=answered)
    below = asked(request)
    write = "forward" if below else request.GET.get("write", "")
    if write not in KINDS:
        write = ""
    thread = thread_of(found, before=whole_number(request.GET.get("before")))
    context: dict[str, Any] = {
        "conversation": view_of(request, found),
        "entries": entry_views(found, thread, viewer=request.agent),
        "earlier_entries": thread.earlier,
        "composer": composer_for(
            request.agent, found, mode=write, folded=not write, begun=bool(write), below=below
        ),
        "viewers": [],
    }
    if part == "pane":
        return render.block(request, TEMPLATE, "pane", **context)
    return render.page(request, TEMPLATE, views=rail(request.agent, counted=False), **context)


@door(Permission.READ)
@require_GET
def panel(request: AgentRequest, number: int) -> HttpResponse:
    """Show the side panel: fetched by the page of the conversation, a page of its own without scripts."""
    found = load(request, number)
    context: dict[str, Any] = {"conversation": view_of(request, found), "panel": panel_of(request, found)}
    if by_script(request):
        return render.page(request, "workspace/_panel.html", **context)
    views = rail(request.agent, counted=False)
    return render.page(request, "workspace/panel.html", views=views, **context)


@door(Permission.READ)
@require_GET
def entries(request: AgentRequest, number: int) -> HttpResponse:
    """Answer the entries after a seq, or before one: first load, live update, reconnect and polling alike."""
    found = load(request, number)
    after = whole_number(request.GET.get("after")) or 0
    before = whole_number(request.GET.get("before"))
    only = whole_number(request.GET.get("only"))
    if only is not None:
        after = max(0, only - 1)
    thread = thread_of(found, after=after, before=before)
    if only is not None:
        thread.entries = [entry for entry in thread.entries if entry.seq == only]
    answer = render.block(
        request,
        TEMPLATE,
        "thread",
        conversation=view_of(request, found),
        entries=entry_views(found, thread, viewer=request.agent),
        earlier_entries=thread.earlier,
    )
    answer["X-Last-Seq"] = str(found.last_seq)
    return answer


def header(
    request: AgentRequest, found: Conversation, *, conflict: list[EntryView] | None = None, status: int = 200
) -> HttpResponse:
    """Answer the header alone, after a change or a conflict."""
    return render.block(
        request,
        TEMPLATE,
        "header",
        status=status,
        conversation=view_of(request, found),
        viewers=[],
        conflict=conflict or [],
    )


def composer(request: AgentRequest, found: Conversation, *, status: int = 200, **kwargs: Any) -> HttpResponse:
    """Answer the composer alone: empty after sending, with the words of an error otherwise."""
    return render.block(
        request,
        TEMPLATE,
        "composer",
        status=status,
        conversation=view_of(request, found),
        composer=composer_for(request.agent, found, **kwargs),
    )


def view_of(request: AgentRequest, found: Conversation) -> ConversationView:
    """Return the conversation as templates read it."""
    return ConversationView(
        pk=found.pk,
        number=found.number,
        subject=found.subject,
        status=found.status,
        status_label=str(Status(found.status).label),
        priority=found.priority,
        kind_label=str(Kind(found.kind).label) if found.kind else "",
        assignee=found.assignee,
        team=found.team,
        inbox=found.inbox,
        brand=found.brand,
        tags=found.tag_names,
        snoozed_until=found.snoozed_until,
        url=f"/conversations/{found.number}",
        topic=f"conversation:{found.pk}",
        last_seq=found.last_seq,
        spam=found.spam,
        deleted=found.deleted_at is not None,
        following=follows(request.agent, found),
        may_reply=request.agent.can(Permission.REPLY),
        may_organise=request.agent.can(Permission.ORGANISE),
        may_delete=request.agent.can(Permission.DELETE),
    )


def panel_of(request: AgentRequest, found: Conversation) -> Panel:
    """Return the side panel: the customer, their other conversations, files and people."""
    listed = files_of(found)
    shared = [pk for pk, inline in listed if not inline]
    earlier, more = lists.of_person(request.agent, found.customer_id, but=found.pk)
    return Panel(
        customer=_customer(found.customer, may_open=request.agent.reach is not Reach.MENTIONED),
        earlier=rows_of(earlier),
        earlier_count=lists.count_of_person(request.agent, found.customer_id, but=found.pk)
        if more
        else len(earlier),
        files=[marked(file) for file in files_with(shared[:FILES])],
        files_count=len(listed),
        files_url=reverse("files-of-conversation", args=[found.number]) if listed else "",
        participants=list(found.participants.order_by("pk")),
        followers=list(found.followers.values_list("agent__name", flat=True)),
        sharing=_sharing(found),
    )


def _sharing(found: Conversation) -> list[Customer]:
    """Return everybody who uses the address of this conversation, where they are several."""
    if found.identity is None or not found.identity.shared:
        return []
    return list(
        Customer.objects.filter(identities__kind="email", identities__value=found.identity.value).order_by(
            "name"
        )
    )


def _customer(customer: Customer, *, may_open: bool) -> SimpleNamespace:
    identities = list(customer.identities.order_by("pk"))
    return SimpleNamespace(
        pk=customer.pk,
        name=called(customer.name, [each.value for each in identities]),
        url=reverse("customer", args=[customer.pk]) if may_open else "",
        identities=identities,
        company=customer.company.name if customer.company else "",
        language=language_name(customer.language),
        time_zone=customer.time_zone,
        local_time=_local_time(customer.time_zone),
        notes=customer.notes,
        tags=customer.tags,
    )


def _local_time(time_zone: str) -> str:
    try:
        return f"{now().astimezone(ZoneInfo(time_zone)):%H:%M}" if time_zone else ""
    except (KeyError, ValueError):
        return ""
