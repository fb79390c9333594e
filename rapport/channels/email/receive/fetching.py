"""Services whose calls only name a mail (Mailtrap, Resend) or its files (Brevo): the rest is fetched later.

Each view proves a call, tells the names in it, and fetches with the API key of the inbox.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote, urljoin

from anymail.inbound import AnymailInboundMessage
from anymail.utils import get_anymail_setting
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.mailtrap import MailtrapInboundWebhookView
from django.conf import settings as configuration
from django.http import HttpRequest

from rapport.channels.email.sentences import sentence
from rapport.kernel.jobs.leases import GiveUp
from rapport.kernel.outbound import http

SECONDS = 60.0
SIGNATURE_SECONDS = 300
_GONE = {404, 410}
# The number that Mailtrap's "test your integration" names.
_SAMPLE_INBOX = 1


class NotProven(ValueError):
    """A call bears no right signature."""


def fetch(url: str, headers: dict[str, str] | None = None) -> tuple[bytes, str]:
    """Return content and content type of an address of the service; bounded in time and size.

    Raises:
        GiveUp: the service no longer has it.
        http.RequestRefused: it refuses or cannot be reached, the address is not public, or the mail is larger
            than twice the limit for mails; a later try may do.

    """
    most = 2 * configuration.ENVIRONMENT.mail_max_bytes
    answer = http.fetch(url, headers=headers, most_bytes=most, seconds=SECONDS)
    if answer.status in _GONE:
        raise GiveUp(sentence("mail_gone", status=answer.status))
    if not 200 <= answer.status < 300:
        raise http.RequestRefused(sentence("mail_not_given", status=answer.status))
    return answer.content, answer.headers.get("content-type", "")


class BrevoCalls(BrevoInboundWebhookView):
    """Brevo puts texts and headers into the call, and for each file a name to fetch it by."""

    def names(self, body: bytes) -> list[str]:
        """Return what names the mails in a call."""
        return [str(each["Uuid"]) for each in json.loads(body)["items"]]

    def _fetch_attachment(self, attachment: dict[str, Any]) -> Any:
        url = urljoin(self.api_url, f"inbound/attachments/{quote(attachment['DownloadToken'], safe='')}")
        content, content_type = fetch(url, {"api-key": self.api_key})
        return AnymailInboundMessage.construct_attachment(  # type: ignore[no-untyped-call]
            content_type=content_type or attachment["ContentType"],
            content=content,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID"),
        )


class MailtrapCalls(MailtrapInboundWebhookView):
    """Mailtrap names inbox and mail; its API tells where the mail itself lies."""

    def names(self, body: bytes) -> list[str]:
        """Return what names the mails in a call."""
        return [f"{inbox}/{mail}" for inbox, mail in self._named(body)]

    def mails(self, request: HttpRequest) -> list[bytes]:
        """Fetch the mails as they came."""
        found = []
        for inbox, mail in self._named(request.body):
            path = f"inbound/inboxes/{quote(inbox, safe='')}/messages/{quote(mail, safe='')}"
            told, _ = fetch(urljoin(str(self.api_url), path), {"Authorization": f"Bearer {self.api_token}"})
            found.append(fetch(json.loads(told)["raw_message_url"])[0])
        return found

    def _named(self, body: bytes) -> list[tuple[str, str]]:
        events = json.loads(body)["events"]
        return [
            (str(each["inbox_id"]), str(each["message_id"]))
            for each in events
            if str(each["event"]).startswith("inbound") and each["inbox_id"] != _SAMPLE_INBOX
        ]


class ResendCalls(AnymailBaseWebhookView):
    """Resend names a mail; its API tells where the mail itself lies. Calls are signed as Svix describes."""

    esp_name = "Resend"
    warn_if_no_basic_auth = False

    def __init__(self, *, inbound_secret: str, api_key: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._secret, self._api_key = inbound_secret, api_key
        self._api_url: str = get_anymail_setting(  # type: ignore[no-untyped-call]
            "api_url", esp_name="Resend", default="https://api.resend.com/"
        )

    def validate_request(self, request: HttpRequest) -> None:
        """Raise ``NotProven`` unless the call was signed within the last five minutes."""
        said = request.headers
        sent_at = said.get("svix-timestamp", "")
        if not sent_at.isdigit() or abs(time.time() - int(sent_at[:12])) > SIGNATURE_SECONDS:
            raise NotProven("the call bears no present time")
        signed = f"{said.get('svix-id', '')}.{sent_at}.".encode() + request.body
        right = "v1," + base64.b64encode(hmac.digest(self._signing_key(), signed, hashlib.sha256)).decode()
        given = said.get("svix-signature", "").split()
        if not any(hmac.compare_digest(each.encode(), right.encode()) for each in given):
            raise NotProven("the signature is not right")

    def names(self, body: bytes) -> list[str]:
        """Return what names the mail in a call."""
        told = json.loads(body)
        return [str(told["data"]["email_id"])] if told["type"] == "email.received" else []

    def mails(self, request: HttpRequest) -> list[bytes]:
        """Fetch the mail as it came."""
        found = []
        for name in self.names(request.body):
            url = urljoin(self._api_url, f"emails/receiving/{quote(name, safe='')}")
            told, _ = fetch(url, {"Authorization": f"Bearer {self._api_key}"})
            found.append(fetch(json.loads(told)["raw"]["download_url"])[0])
        return found

    def _signing_key(self) -> bytes:
        try:
            return base64.b64decode(self._secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            raise NotProven("the signing key is not one of Resend") from None
