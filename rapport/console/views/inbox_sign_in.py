"""Connecting a mailbox with Google or Microsoft: to the provider's consent page and back."""

import hmac
import time

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rapport.channels.email import oauth
from rapport.channels.email.actions.sign_in import finish_sign_in
from rapport.channels.email.models import EmailSettings
from rapport.console.requests import agent_of, attempt, found
from rapport.inboxes.models import Inbox
from rapport.kernel.web.door import door
from rapport.staff.permissions import Permission

_BEGUN = "mailbox_sign_in"
_PATIENCE_SECONDS = 900


def redirect_address() -> str:
    """Return the address to which the provider sends the person back; it must be registered there."""
    return f"{settings.BASE_URL}{reverse('console:mailbox_signed_in')}"


@door(Permission.SETTINGS)
@never_cache
@require_safe
def sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the provider. A link and no form: the policy of our pages lets no form end elsewhere."""
    inbox = found(Inbox.objects.filter(kind="email"), pk)
    stored = EmailSettings.objects.select_related("inbox").filter(inbox=inbox).first()
    if stored is None or not oauth.ready(stored):
        messages.error(request, str(_("Choose Google or Microsoft and save the client ID first.")))
        return HttpResponseRedirect(_page(inbox.pk))
    consent = oauth.begin(stored, redirect_address())
    request.session[_BEGUN] = [consent.state, consent.verifier, inbox.pk, int(time.time())]
    return HttpResponseRedirect(consent.address)


@door(Permission.SETTINGS)
@never_cache
@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Take what the provider sends back, once, and only for the consent that this very session began."""
    state, verifier, pk, began = request.session.pop(_BEGUN, ["", "", 0, 0])
    given = request.GET.get("state", "")
    late = time.time() - began > _PATIENCE_SECONDS
    if not state or late or not hmac.compare_digest(given.encode(), state.encode()):
        words = _("This answer belongs to no sign-in that was begun here. Nothing was changed; begin again.")
        messages.error(request, str(words))
        return HttpResponseRedirect(_page(pk) if pk else reverse("console:inboxes"))
    inbox = found(Inbox.objects.filter(kind="email"), pk)
    if "code" not in request.GET:
        said = request.GET.get("error_description") or request.GET.get("error") or str(_("no reason"))
        refusal = str(_("Access was not given: %(said)s. Nothing was changed."))
        messages.error(request, refusal % {"said": said[:300].rstrip(".")})
        return HttpResponseRedirect(_page(pk))
    return attempt(
        request,
        lambda: finish_sign_in(
            actor=agent_of(request),
            inbox=inbox,
            code=request.GET["code"],
            verifier=verifier,
            redirect_uri=redirect_address(),
        ),
        _("The mailbox is connected. Now test the connection."),
        _page(pk),
    )


def _page(pk: int) -> str:
    return reverse("console:inbox_connect", args=[pk])
