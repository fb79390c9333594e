"""Mail services that call us: each call is proven by the service's own check, stored whole, then answered."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings as configuration
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from rapport.channels.email.models import EmailSettings, Incoming
from rapport.channels.email.receive import services
from rapport.channels.email.receive.form import take_body
from rapport.channels.email.receive.services import BASIC, SERVICES
from rapport.channels.email.sentences import sentence
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.raw_key import raw_key
from rapport.kernel.sentences import Told
from rapport.kernel.web.door import HOOK

logger = logging.getLogger(__name__)

SOURCE = "webhook"
HOOKS = "/hooks/mail/"
PAUSED_SECONDS = "3600"
ODD_SHAPES = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What well-formed JSON of another shape than a service's makes its readers raise."""
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent)
# Where a service hands over a mail in parts, Python's email package joins them by a new boundary each time.
_BOUNDARY = re.compile(rb"={15}\d+==")


class Call(NamedTuple):
    """A stored call."""

    service: str
    content_type: str
    body: bytes


class Unreadable(Told):
    """A stored call that holds no mail; the message says why."""


def is_called(path: str) -> bool:
    """Tell whether a mail service calls us by this path, one that nobody guesses."""
    return EmailSettings.objects.filter(webhook_path=path, incoming=Incoming.WEBHOOK).exists()


@csrf_exempt
def receive(request: HttpRequest, path: str) -> HttpResponse:
    """Store one call of a mail service; 200 only after the commit."""
    if request.method == "HEAD":
        return HttpResponse()
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST, HEAD"})
    settings = (
        EmailSettings.objects.select_related("inbox")
        .filter(webhook_path=path, incoming=Incoming.WEBHOOK)
        .first()
    )
    # Without a secret nothing could prove a call, so none is taken.
    if settings is None or settings.webhook_provider not in SERVICES or not settings.webhook_secret:
        return HttpResponse("No such address.", status=404, content_type="text/plain")
    if not settings.inbox.active:
        # Amazon takes a 404 for its last word and drops the mail; a 503 is tried again.
        later = {"Retry-After": PAUSED_SECONDS}
        return HttpResponse("The inbox is paused.", status=503, content_type="text/plain", headers=later)
    try:
        body = _body(request)
        proven = _proven(request, settings)
    except TOO_LARGE:
        logger.warning("a call of a mail service for %s was refused: it is too large", settings.inbox.address)
        return HttpResponse("The call is too large.", status=413, content_type="text/plain")
    if not proven:
        return _refusal(request, settings)
    content = pack(settings.webhook_provider, request.META, body)
    store_raw(
        inbox=settings.inbox,
        content=content,
        source=SOURCE,
        envelope_to=settings.inbox.address,
        key=_key(content, settings.inbox_id),
    )
    return HttpResponse("Stored.", content_type="text/plain")


receive.door = HOOK  # type: ignore[attr-defined]


def _body(request: HttpRequest) -> bytes:
    """Return what was sent, and let Django know it too.

    Django's own limit is for the forms of people: services put a mail into a call twice, as base64.

    Raises:
        RequestDataTooBig: it is beyond what any mail may have.

    """
    most = configuration.ENVIRONMENT.call_max_bytes
    body = request.read(most + 1)
    if len(body) > most:
        raise RequestDataTooBig
    take_body(request, body)
    return body


def pack(service: str, meta: Mapping[str, Any], body: bytes) -> bytes:
    """Return a call as it is stored: one line of JSON, then the body. What proves the caller is left out."""
    head = {"service": service, "content_type": str(meta.get("CONTENT_TYPE", ""))}
    return json.dumps(head).encode() + b"\n" + body


def open_call(content: bytes) -> Call:
    """Return a stored call.

    Raises:
        Unreadable: it is none.

    """
    head, _, body = content.partition(b"\n")
    try:
        said = json.loads(head)
        service, content_type = str(said["service"]), str(said["content_type"])
    except (ValueError, LookupError, TypeError) as error:
        raise Unreadable(sentence("call_damaged")) from error
    if service not in SERVICES:
        raise Unreadable(sentence("service_unknown", name=service[:40]))
    return Call(service, content_type, body)


def unpack(content: bytes) -> list[bytes]:
    """Return the mails in a stored call that holds them whole.

    Raises:
        Unreadable: the call is damaged, or holds no mail.

    """
    call = open_call(content)
    try:
        mails = services.mails(services.view(call.service), call.content_type, call.body)
    except Unreadable:
        raise
    except Exception as error:
        # The parsers raise whatever their input makes them; the call stays stored and is listed.
        raise Unreadable(sentence("call_unreadable", error=type(error).__name__)) from error
    if not mails:
        raise Unreadable(sentence("call_empty"))
    return mails


def mail_key(mail: bytes, inbox_id: int) -> str:
    """Return the key of a mail that a service handed over, the same each time it does."""
    return raw_key(_BOUNDARY.sub(b"", mail), inbox_id)


def _proven(request: HttpRequest, settings: EmailSettings) -> bool:
    """Tell whether a call is the service's; raises one of ``TOO_LARGE`` where it cannot be told."""
    try:
        view = services.view(settings.webhook_provider, secret=settings.webhook_secret)
        view.run_validators(request)
    except TOO_LARGE:
        raise
    except (AnymailWebhookValidationFailure, SuspiciousOperation, AnymailError, *ODD_SHAPES):
        return False
    return True


def _refusal(request: HttpRequest, settings: EmailSettings) -> HttpResponse:
    asks = SERVICES[settings.webhook_provider].secret == BASIC and "Authorization" not in request.headers
    if asks:
        # Amazon shows user and password only when it is asked for them.
        headers = {"WWW-Authenticate": 'Basic realm="Rapport"'}
        return HttpResponse("Who calls?", status=401, content_type="text/plain", headers=headers)
    return HttpResponse("The call is not proven.", status=403, content_type="text/plain")


def _key(content: bytes, inbox_id: int) -> str:
    """Return the key of the mails in a call, which a repeated call wraps in a new signature and time."""
    call = open_call(content)
    names = [hashlib.sha256(content).hexdigest(), str(inbox_id)]
    try:
        if SERVICES[call.service].key:
            names = [call.service, str(inbox_id), *services.view(call.service).names(call.body)]
        else:
            names = [mail_key(mail, inbox_id) for mail in unpack(content)]
    except (Unreadable, *ODD_SHAPES):
        pass
    return names[0] if len(names) == 1 else hashlib.sha256("\n".join(names).encode()).hexdigest()
