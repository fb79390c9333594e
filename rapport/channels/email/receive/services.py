"""The mail services that call us: who they are, how a call is proven, and how its mails are read.

django-anymail knows most services' signatures and forms. Its views work by signals and keep no raw call, so
ours takes their checks when a call comes and their parsers when the stored call is read.
"""

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

from anymail.exceptions import AnymailNotSupportedWarning
from django.core.handlers.wsgi import WSGIRequest
from django.utils.module_loading import import_string

from rapport.channels.email.receive.form import take_body

_ANYMAIL = "anymail.webhooks."
_OURS = "rapport.channels.email.receive."
BASIC = "webhook_secret"


class Service(NamedTuple):
    """A mail service: its label, its view, and what the view calls the secret that proves a call.

    ``key`` is what the view calls the API key of a service whose calls only name the mail or its files.
    """

    label: str
    view: str
    secret: str = BASIC
    key: str = ""


# Basic authentication ("user:password" in the address given to the service) where a service signs nothing.
SERVICES: Mapping[str, Service] = {
    "amazon_ses": Service("Amazon SES", f"{_OURS}amazon.AmazonCalls"),
    "brevo": Service("Brevo", f"{_OURS}fetching.BrevoCalls", key="api_key"),
    "mailersend": Service(
        "MailerSend", f"{_ANYMAIL}mailersend.MailerSendInboundWebhookView", "inbound_secret"
    ),
    "mailgun": Service("Mailgun", f"{_ANYMAIL}mailgun.MailgunInboundWebhookView", "webhook_signing_key"),
    "mailjet": Service("Mailjet", f"{_ANYMAIL}mailjet.MailjetInboundWebhookView"),
    "mailtrap": Service("Mailtrap", f"{_OURS}fetching.MailtrapCalls", "inbound_secret", "api_token"),
    "mandrill": Service("Mandrill", f"{_ANYMAIL}mandrill.MandrillCombinedWebhookView", "webhook_key"),
    "postal": Service("Postal", f"{_ANYMAIL}postal.PostalInboundWebhookView", "webhook_key"),
    "postmark": Service("Postmark", f"{_ANYMAIL}postmark.PostmarkInboundWebhookView"),
    "resend": Service("Resend", f"{_OURS}fetching.ResendCalls", "inbound_secret", "api_key"),
    "sendgrid": Service("SendGrid", f"{_ANYMAIL}sendgrid.SendGridInboundWebhookView"),
    "sparkpost": Service("SparkPost", f"{_ANYMAIL}sparkpost.SparkPostInboundWebhookView"),
}


def view(service: str, *, secret: str = "", key: str = "") -> Any:
    """Return the view of a service with the secret that proves its calls, or the key to fetch with."""
    known = SERVICES[service]
    options: dict[str, object] = {known.secret: secret or "unused"}
    if known.key:
        options[known.key] = key or "unused"
    with warnings.catch_warnings():
        # SendGrid's parser is kept, though its keepers can no longer try it against the service.
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)
        return import_string(known.view)(**options)


def mails(reader: Any, content_type: str, body: bytes) -> list[bytes]:
    """Return the mails of a call; raises whatever a damaged call makes the parser raise."""
    request = _request(content_type, body)
    if hasattr(reader, "mails"):
        found: list[bytes] = reader.mails(request)
        return found
    events = reader.parse_events(request)
    return [event.message.as_bytes() for event in events if getattr(event, "message", None) is not None]


def _request(content_type: str, body: bytes) -> WSGIRequest:
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "http",
        }
    )
    take_body(request, body)
    return request
