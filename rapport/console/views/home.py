"""Where "Settings" leads: to the first page that the asker may open."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from rapport.console.requests import agent_of
from rapport.kernel.web.door import SIGNED_IN, door
from rapport.ui.navigation import sections


@door(SIGNED_IN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first settings page of the company that the asker may open, else to the own profile."""
    company = [link.url for section in sections(agent_of(request)) for link in section.items]
    own = reverse("console:profile")
    return HttpResponseRedirect(next((url for url in company if not url.startswith(own)), own))
