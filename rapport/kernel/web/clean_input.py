"""NUL characters in what a browser sends: PostgreSQL refuses them in any text, and no person types one."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

from rapport.kernel.web import door

NUL = "\x00"


class CleanInputMiddleware:
    """Takes NUL characters out of query and form values before a view reads them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _cleaned(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> HttpResponse | None:
        """Clean a form; a hook's body is left alone, as its signature covers every byte."""
        form = request.method == "POST" and door.of(view) != door.HOOK
        if form and any(NUL in value for _name, values in request.POST.lists() for value in values):
            request.POST = _cleaned(request.POST)  # type: ignore[assignment]
        return None


def _cleaned(given: QueryDict) -> QueryDict:
    clean = QueryDict(mutable=True)
    for name, values in given.lists():
        clean.setlist(name.replace(NUL, ""), [str(value).replace(NUL, "") for value in values])
    clean._mutable = False
    return clean
