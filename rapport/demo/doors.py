"""Views that exist in the demo only."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from rapport.demo.models import Built
from rapport.kernel.web.door import PUBLIC, door

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    """Open the view to everybody in the demo; anywhere else there is no such page.

    The setting alone may stand in a real installation by mistake, so the company must be the demo's.
    """

    @door(PUBLIC)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO or not Built.objects.exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def customers_page(view: View) -> View:
    """Open the view to the demo's customers, whoever of the staff signs in beside them meanwhile."""

    # Signing in changes the browser's CSRF token, and a customer's open letter would be lost with it. It uses
    # nobody's rights; that it comes from our own page is seen in its origin, which browsers always send.
    @csrf_exempt
    @demo_only
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _ours(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def _ours(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return urlsplit(origin).netloc == request.get_host()
