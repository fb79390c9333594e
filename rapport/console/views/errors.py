"""What a person sees where a page is missing, refused or broken."""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.kernel.web import render
from rapport.staff.middleware import speak_to_asker

logger = logging.getLogger(__name__)


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
    speak_to_asker(request)
    return _answer(request, 403, _("You may not do that"), words)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form whose protection against forged requests does not fit."""
    words = _("The page was open too long, or cookies are switched off. Nothing was changed. Load it again.")
    speak_to_asker(request)
    return _answer(request, 403, _("This form has expired"), words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer an address where nothing is, or nothing that the asker may see."""
    words = _("It may have been moved or deleted, or it is not yours to see.")
    speak_to_asker(request)
    return _answer(request, 404, _("There is nothing here"), words)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of ours, without the database, as that may be what failed."""
    words = _("Something went wrong on our side. What was saved before is safe. Please try again.")
    try:
        return _answer(request, 500, _("That did not work"), words)
    except Exception:
        # What failed may also be what draws pages; a fault here would leave the reader with nothing.
        logger.exception("the page about a fault cannot be drawn")
        return HttpResponse(str(words), status=500, content_type="text/plain; charset=utf-8")


def _answer(request: HttpRequest, status: int, title: Promise | str, words: Promise | str) -> HttpResponse:
    if "HX-Request" in request.headers or "text/html" not in request.headers.get("Accept", "text/html"):
        return HttpResponse(f"{title}. {words}", status=status, content_type="text/plain; charset=utf-8")
    return render.page(request, "console/error.html", status=status, title=title, words=words)
