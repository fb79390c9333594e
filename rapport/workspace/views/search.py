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

from rapport.conversations.queries.find import Found, find
from rapport.customers.queries.people import matching
from rapport.kernel.search.language import parse
from rapport.kernel.search.query import Doubt, Problem
from rapport.kernel.web import render
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission
from rapport.workspace.requests import AgentRequest, whole_number
from rapport.workspace.rows import Row, rows_of
from rapport.workspace.sidebar import rail

TEMPLATE = "workspace/search.html"
_DOUBTS = {
    Doubt.UNCLOSED_QUOTE: gettext_noop("A quotation mark is missing in %(text)s; it was read to the end."),
    Doubt.MISSING_VALUE: gettext_noop("Something is missing after %(text)s."),
    Doubt.UNKNOWN_STATE: gettext_noop(
        "There is no state %(text)s. Known are open, solved, unassigned, mine, unread."
    ),
    Doubt.UNKNOWN_THING: gettext_noop("%(text)s cannot be searched for."),
    Doubt.BAD_DATE: gettext_noop("%(text)s is no date. Write it like before:2025-11-01."),
    Doubt.NOTHING_SEARCHABLE: gettext_noop("%(text)s holds nothing that can be searched for."),
    Doubt.TOO_LONG: gettext_noop("The rest of this long text was left out."),
    Doubt.TOO_MANY: gettext_noop("These are too many words; left out was: %(text)s"),
}


@dataclass(frozen=True)
class SearchHit:
    """A conversation found, and the words that matched (HTML, escaped but for <mark>)."""

    row: Row
    snippet: str
    kind: str


@door(Permission.READ)
@require_GET
def search(request: AgentRequest) -> HttpResponse:
    """Search as typed; what cannot be understood is said, and the rest is searched."""
    text = request.GET.get("q", "")[:500]
    query = parse(text)
    found: list[Found] = []
    after: int | None = None
    if not query.empty:
        found, after = find(
            request.agent,
            query,
            cursor=whole_number(request.GET.get("after")),
            by_relevance=request.GET.get("sort") == "best",
        )
    context: dict[str, Any] = {
        "query": text,
        "hits": _hits(found),
        "customers": matching(request.agent, text) if text and "after" not in request.GET else [],
        "problems": [_words(problem) for problem in query.problems],
        "sort": request.GET.get("sort", "newest"),
        "next_url": f"{reverse('search')}?{urlencode({'q': text, 'after': str(after)})}" if after else "",
    }
    if request.GET.get("part") == "results":
        return render.block(request, TEMPLATE, "results", **context)
    return render.page(request, TEMPLATE, views=rail(request.agent, "search", counted=False), **context)


def _words(problem: Problem) -> str:
    return _(_DOUBTS[problem.doubt]) % {"text": problem.text}


def _hits(found: list[Found]) -> list[SearchHit]:
    rows = rows_of([each.row for each in found])
    return [
        SearchHit(row, each.snippet or escape(row.preview), each.kind)
        for each, row in zip(found, rows, strict=True)
    ]
