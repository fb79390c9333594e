"""Views that exist in the demo only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from rapport.kernel.web.door import PUBLIC, door

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    """Open the view to everybody in the demo; anywhere else there is no such page."""

    @door(PUBLIC)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
