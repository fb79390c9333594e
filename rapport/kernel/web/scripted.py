"""Which requests a script sent: they need a status that tells, where a person needs a page."""

from django.http import HttpRequest


def by_script(request: HttpRequest) -> bool:
    """Tell whether htmx or a script of ours sent the request, and not a link or a plain form."""
    return "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "fetch"
