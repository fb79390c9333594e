"""What a person sees where a page is missing, refused or broken."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from rapport.kernel.web import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer a request that cannot be read."""
    return _answer(
        request, 400, _("This request cannot be read"), _("Nothing was changed. Go back and try again.")
    )


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer a request that the role does not allow."""
    words = _(
        "Your role does not allow this page. Nothing was changed. An administrator can give you the right."
    )
    return _answer(request, 403, _("You may not do that"), words)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form whose protection against forged requests does not fit."""
    words = _("The page was open too long, or cookies are switched off. Nothing was changed. Load it again.")
    return _answer(request, 403, _("This form has expired"), words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer an address where nothing is, or nothing that the asker may see."""
    words = _("It may have been moved or deleted, or it is not yours to see.")
    return _answer(request, 404, _("There is nothing here"), words)


def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Answer after a fault of ours. Plain, because what failed may be what draws pages."""
    words = _("Something went wrong on our side. What was saved before is safe. Please try again.")
    return HttpResponse(words, status=500, content_type="text/plain; charset=utf-8")


def _answer(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    if "HX-Request" in request.headers or "text/html" not in request.headers.get("Accept", "text/html"):
        return HttpResponse(f"{title}. {words}", status=status, content_type="text/plain; charset=utf-8")
    return render.page(request, "console/error.html", status=status, title=title, words=words)
