"""Searching conversations and customers."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET
from markupsafe import Markup

from rapport.conversations.queries.access import NotFound, conversation_for
from rapport.conversations.queries.find import Found, FoundPage, find, states_for
from rapport.conversations.queries.lists import rows_for
from rapport.conversations.queries.tags import unknown_tags
from rapport.customers.queries.people import matching
from rapport.kernel.search.language import parse
from rapport.kernel.search.query import Doubt, Problem, Query, State
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.kernel.web.moments import Moments
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.rows import Row, rows_of
from rapport.workspace.sidebar import rail

TEMPLATE = "workspace/search.html"
BESIDE = "workspace/found.html"
"""The same hits as a list beside the open conversation."""
_DOUBTS = {
    Doubt.UNCLOSED_QUOTE: gettext_noop("A quotation mark is missing in %(text)s; it was read to the end."),
    Doubt.MISSING_VALUE: gettext_noop("Something is missing after %(text)s."),
    Doubt.UNKNOWN_STATE: gettext_noop("There is no state %(text)s. Known are %(states)s."),
    Doubt.UNKNOWN_THING: gettext_noop("%(text)s cannot be searched for."),
    Doubt.UNKNOWN_KEY: gettext_noop(
        "%(text)s begins with a name that the search does not know; it was searched as words."
    ),
    Doubt.BAD_DATE: gettext_noop("%(text)s is no date. Write it like before:2025-11-01."),
    Doubt.NOTHING_SEARCHABLE: gettext_noop("%(text)s holds nothing that can be searched for."),
    Doubt.TOO_LONG: gettext_noop("The rest of this long text was left out."),
    Doubt.TOO_MANY: gettext_noop("These are too many words; left out was: %(text)s"),
}


@dataclass(frozen=True)
class SearchHit:
    """A conversation found, and the words that matched (HTML, escaped but for <mark>)."""

    row: Row
    subject: str
    customer: str
    snippet: str
    kind: str
    time: Markup


@door(Permission.READ)
@require_GET
def search(request: AgentRequest) -> HttpResponse:
    """Search as typed; what cannot be understood is said, and the rest is searched."""
    text = request.GET.get("q", "")[:500]
    states = states_for(request.agent)
    query = parse(text, states=states)
    best, begins = request.GET.get("sort") == "best", "after" not in request.GET
    page = FoundPage([])
    if not query.empty:
        cursor = whole_number(request.GET.get("after"))
        page = find(request.agent, query, cursor=cursor, by_relevance=best)
    hits = _with_number(request.agent, text, page.found) if begins else page.found
    context: dict[str, Any] = {
        "query": text,
        "hits": _hits(hits),
        "count": page.count + len(hits) - len(page.found) if begins or best else 0,
        "more": page.more,
        "here": _url(text, **({"sort": "best"} if best else {})),
        "next_url": _url(text, **({"sort": "best"} if best else {}), after=str(page.after))
        if page.after
        else "",
    }
    if (part := request.GET.get("part")) in {"list", "rows"}:
        return render.block(request, BESIDE, part, **context)
    context |= {
        "customers": matching(request.agent, text) if text and begins else [],
        "problems": [*(_words(each, states) for each in query.problems), *_unknown_tags(query, hits)],
        "states": states,
        "best": best,
        "newest_url": _url(text),
        "best_url": _url(text, sort="best"),
        "csv_url": f"{reverse('search-csv')}?{urlencode({'q': text})}",
    }
    if part == "results":
        return render.block(request, TEMPLATE, "results", **context)
    return render.page(request, TEMPLATE, views=rail(request.agent, "search", counted=False), **context)


def _url(text: str, **more: str) -> str:
    return f"{reverse('search')}?{urlencode({'q': text, **more})}"


def _with_number(agent: Agent, text: str, found: list[Found]) -> list[Found]:
    """Return what was found, and before all others the conversation of the number that was typed."""
    named = _of_number(agent, text)
    numbers = {each.row["pk"] for each in named}
    return [*named, *(each for each in found if each.row["pk"] not in numbers)]


def _of_number(agent: Agent, text: str) -> list[Found]:
    """Return the conversation of this number, where the text is one and the agent may see it."""
    number = whole_number(text.strip().removeprefix("#"))
    try:
        conversation = conversation_for(agent, number or 0)
    except NotFound:
        return []
    return [
        Found(
            row, escape(row["subject"]), escape(row["customer__name"]), "", "message", row["last_message_at"]
        )
        for row in rows_for(agent, [conversation.pk])
    ]


def _words(problem: Problem, states: tuple[State, ...]) -> str:
    return _(_DOUBTS[problem.doubt]) % {"text": problem.text, "states": ", ".join(states)}


def _unknown_tags(query: Query, hits: list[Found]) -> list[str]:
    """Say which tags there are none of; where something was found there is one of each."""
    unknown = {} if hits else unknown_tags(query)
    return [_no_tag(name, near) for name, near in unknown.items()]


def _no_tag(text: str, near: list[str]) -> str:
    if not near:
        return _("There is no tag %(text)s.") % {"text": text}
    *others, last = near
    names = _("%(names)s or %(last)s") % {"names": ", ".join(others), "last": last} if others else last
    return _("There is no tag %(text)s. Did you mean %(names)s?") % {"text": text, "names": names}


def _hits(found: list[Found]) -> list[SearchHit]:
    rows, moments = rows_of([each.row for each in found]), Moments.here()
    return [
        SearchHit(
            row=row,
            subject=each.subject,
            customer=each.customer,
            snippet=each.snippet or escape(row.preview),
            kind=each.kind,
            time=moments.tag(each.at),
        )
        for each, row in zip(found, rows, strict=True)
    ]
