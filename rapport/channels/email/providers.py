"""Sending through mail services, each by the backend that django-anymail has for it."""

from collections.abc import Mapping
from email import encoders
from email.headerregistry import Address as MailAddress
from email.mime.base import MIMEBase
from importlib import import_module
from typing import Any, NamedTuple

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailStatus
from django.core.mail import EmailMultiAlternatives

from rapport.channels.email.compose import INSTANCE_HEADER, Unsendable, clean, wire_address
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.sentences import sentence
from rapport.inboxes.contract import (
    RETRY_SETTINGS_SECONDS,
    Address,
    OutgoingMessage,
    Receipt,
    RecipientResult,
    SendError,
)


class Provider(NamedTuple):
    """A mail service: its label, its backend's module, what the backend calls the key, further options."""

    label: str
    module: str
    key: str
    options: tuple[str, ...] = ()


PROVIDERS: Mapping[str, Provider] = {
    "brevo": Provider("Brevo", "brevo", "api_key"),
    "mailersend": Provider("MailerSend", "mailersend", "api_token"),
    "mailgun": Provider("Mailgun", "mailgun", "api_key", ("sender_domain", "api_url")),
    "mailjet": Provider("Mailjet", "mailjet", "secret_key", ("api_key",)),
    "mailtrap": Provider("Mailtrap", "mailtrap", "api_token"),
    "mandrill": Provider("Mandrill", "mandrill", "api_key"),
    "postal": Provider("Postal", "postal", "api_key", ("api_url",)),
    "postmark": Provider("Postmark", "postmark", "server_token", ("message_stream",)),
    "resend": Provider("Resend", "resend", "api_key"),
    "sparkpost": Provider("SparkPost", "sparkpost", "api_key", ("api_url",)),
    "unisender_go": Provider("Unisender Go", "unisender_go", "api_key", ("api_url",)),
}


def backend(settings: EmailSettings) -> Any:
    """Return the backend of an inbox's service, with its own key.

    Raises:
        SendError: no such service, or something is missing in the settings.

    """
    provider = PROVIDERS.get(settings.provider)
    if provider is None or not settings.provider_key:
        raise SendError(
            sentence("service_not_set_up"),
            permanent=False,
            retry_after=RETRY_SETTINGS_SECONDS,
        )
    options = {
        name: settings.provider_options[name]
        for name in provider.options
        if settings.provider_options.get(name)
    }
    try:
        made = import_module(f"anymail.backends.{provider.module}").EmailBackend(
            **{provider.key: settings.provider_key}, **options
        )
    except AnymailError as error:
        raise SendError(
            sentence("service_unusable", service=provider.label, reason=clean(str(error))[:300]),
            permanent=False,
            retry_after=RETRY_SETTINGS_SECONDS,
        ) from None
    made.ignore_recipient_status = True
    return made


def deliver(settings: EmailSettings, outgoing: OutgoingMessage, *, instance: str) -> Receipt:
    """Hand a message to the inbox's mail service; a result per recipient.

    Raises:
        SendError: it was not taken for anybody.

    """
    message = _message(outgoing, instance=instance)
    if settings.provider == "postmark":
        message.extra_headers["X-PM-KeepID"] = "true"
    using = backend(settings)
    try:
        using.send_messages([message])
    except AnymailRecipientsRefused:
        pass
    except AnymailAPIError as error:
        raise _refusal(settings, error) from None
    except AnymailError as error:
        words = sentence("service_cannot", reason=clean(str(error))[:300])
        raise SendError(words, permanent=True) from None
    except requests.RequestException as error:
        raise _unreachable(settings, error) from None
    finally:
        using.close()
    status = message.anymail_status  # type: ignore[attr-defined]
    everybody = (*outgoing.to, *outgoing.cc, *outgoing.bcc)
    spelled = {_on_the_wire(each.value): each.value for each in everybody}
    # The results carry the addresses as the message has them, not their spelling on the wire.
    results = tuple(
        RecipientResult(
            address=spelled.get(address.casefold(), address),
            accepted=each.status not in {"rejected", "invalid", "failed"},
            permanent=True,
            detail=str(each.status),
        )
        for address, each in status.recipients.items()
    )
    return Receipt(provider_id=_second_id(settings.provider, status), recipients=results)


def _second_id(provider: str, status: AnymailStatus) -> str:
    """Return the service's ID as a customer's mail program names it, where it stands in the mail at all."""
    given = status.message_id
    if provider == "postal" and status.esp_response is not None:
        # It counts recipients, and names the mail itself beside them.
        given = status.esp_response.json()["data"].get("message_id")
    if not isinstance(given, str):
        return ""
    if provider == "postmark":
        return f"<{given}@mtasv.net>"
    return f"<{given.strip('<>')}>" if "@" in given else given


def _refusal(settings: EmailSettings, error: AnymailAPIError) -> SendError:
    label, status = PROVIDERS[settings.provider].label, error.status_code
    if status is None:
        return _unreachable(settings, error)
    if status in {401, 403}:
        words = sentence("service_key", service=label)
        return SendError(words, permanent=False, retry_after=RETRY_SETTINGS_SECONDS)
    permanent = 400 <= status < 500 and status not in {408, 425, 429}
    response: requests.Response | None = getattr(error, "response", None)
    said = clean(response.text if response is not None else "")[:200]
    words = sentence("service_refused", service=label, status=status, said=said)
    return SendError(words, permanent=permanent)


def _unreachable(settings: EmailSettings, error: Exception) -> SendError:
    cause = error.__cause__ or error
    label = PROVIDERS[settings.provider].label
    words = sentence("service_unreachable", service=label, error=type(cause).__name__)
    return SendError(words, permanent=False)


def _message(outgoing: OutgoingMessage, *, instance: str) -> EmailMultiAlternatives:
    headers = {"Message-ID": outgoing.identity, INSTANCE_HEADER: instance}
    if outgoing.in_reply_to:
        headers["In-Reply-To"] = clean(outgoing.in_reply_to)
    if outgoing.references:
        headers["References"] = clean(" ".join(outgoing.references))
    if outgoing.automatic:
        headers["Auto-Submitted"] = "auto-replied"
    wanted = {each.casefold() for each in outgoing.only}

    def written(addresses: tuple[Address, ...]) -> list[str]:
        return [_written(each) for each in addresses if not wanted or each.value.casefold() in wanted]

    message = EmailMultiAlternatives(
        subject=clean(outgoing.subject),
        body=outgoing.text,
        from_email=_written(outgoing.sender),
        to=written(outgoing.to),
        cc=written(outgoing.cc),
        bcc=written(outgoing.bcc),
        reply_to=[_written(outgoing.reply_to)] if outgoing.reply_to else None,
        headers=headers,
    )
    if outgoing.html:
        message.attach_alternative(outgoing.html, "text/html")
    for file in outgoing.files:
        if file.content_id and f"cid:{file.content_id}" in outgoing.html:
            message.attach(_inline(file.content, file.content_type, file.content_id, clean(file.name)))
        else:
            message.attach(
                clean(file.name) or "file", file.content, file.content_type or "application/octet-stream"
            )
    return message


def _inline(content: bytes, content_type: str, content_id: str, name: str) -> MIMEBase:
    maintype, _, subtype = content_type.partition("/")
    part = MIMEBase(maintype or "application", subtype or "octet-stream")
    part.set_payload(content)
    encoders.encode_base64(part)
    part["Content-ID"] = f"<{clean(content_id)}>"
    part.add_header("Content-Disposition", "inline", filename=name)
    return part


def _on_the_wire(address: str) -> str:
    try:
        return wire_address(address).casefold()
    except Unsendable:
        return address.casefold()


def _written(address: Address) -> str:
    local, _, domain = wire_address(address.value).rpartition("@")
    return str(MailAddress(display_name=clean(address.name), username=local, domain=domain))
