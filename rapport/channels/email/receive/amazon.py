"""Amazon SES: a receipt rule publishes each mail to an SNS topic, which calls us with user and password."""

import base64
import json
import re
from urllib.parse import urlsplit

from anymail.webhooks.base import AnymailBaseWebhookView
from django.http import HttpRequest

from rapport.channels.email.receive.webhook import Unreadable
from rapport.channels.email.sentences import sentence
from rapport.kernel.jobs.leases import GiveUp
from rapport.kernel.outbound import http

_HOST = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?")


class AmazonCalls(AnymailBaseWebhookView):
    """The calls of an SNS topic."""

    esp_name = "Amazon SES"

    def mails(self, request: HttpRequest) -> list[bytes]:
        """Return the mail in a notification; raises ``Unreadable`` where it lies elsewhere."""
        call = json.loads(request.body)
        if call["Type"] != "Notification":
            return []
        told = json.loads(call["Message"])
        action = told["receipt"]["action"]
        if action["type"] != "SNS":
            raise Unreadable(sentence("put_elsewhere", place=str(action["type"])[:20]))
        content: str = told["content"]
        return [base64.b64decode(content) if action.get("encoding") == "BASE64" else content.encode()]


def asks_to_confirm(body: bytes) -> bool:
    """Tell whether a topic asks whether it may call us."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(call, dict) and call.get("Type") == "SubscriptionConfirmation"


def confirm(body: bytes) -> None:
    """Tell the topic that it may; whoever called knew user and password.

    Raises:
        GiveUp: the address is not Amazon's.
        http.RequestRefused: Amazon cannot be reached, or says no; a later try may do.

    """
    address = str(json.loads(body).get("SubscribeURL", ""))
    if not _is_amazons(address):
        raise GiveUp(sentence("topic_not_amazons"))
    answer = http.fetch(address)
    if answer.status != 200:
        raise http.RequestRefused(sentence("topic_not_confirmed", status=answer.status))


def _is_amazons(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.port is None and bool(_HOST.fullmatch(parts.hostname or ""))
    except ValueError:
        return False
