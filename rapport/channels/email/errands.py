"""Calls of mail services that ask for something first: a mail to fetch, several to part, a topic to confirm.

The call itself is stored and read like everything. What must be fetched or confirmed is a job that is tried
again until it is done; mails that a call holds become raw rows of their own at once.
"""

from typing import Final

from rapport.channels.email.models import EmailSettings
from rapport.channels.email.receive import services, webhook
from rapport.channels.email.receive.fetch_job import ask, fetch_job
from rapport.channels.email.sentences import sentence
from rapport.channels.ingest.content import content_of
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.contract import InboundSignal
from rapport.inboxes.models import RawInbound

FETCH: Final = "fetch"
CONFIRM: Final = "confirm"
PART: Final = "part"
JOB: Final = "email.errand"
FETCHED: Final = "webhook_mail"
"""Source of a mail that was fetched, or parted from others: its bytes are the mail's own."""


def errand_in(call: webhook.Call) -> InboundSignal | None:
    """Return what a call asks for; None where it holds its mails whole. Pure."""
    from rapport.channels.email.receive.amazon import asks_to_confirm

    if services.SERVICES[call.service].key:
        return InboundSignal(kind=FETCH, reason=sentence("mail_named"))
    if call.service == "amazon_ses" and asks_to_confirm(call.body):
        return InboundSignal(kind=CONFIRM, reason=sentence("topic"))
    return None


def parting(mails: list[bytes]) -> InboundSignal | None:
    """Return what a call of several mails asks for: they may be of different people, so each stands alone."""
    if len(mails) < 2:
        return None
    return InboundSignal(kind=PART, reason=sentence("several", count=len(mails)))


def take(signal: InboundSignal, raw: RawInbound) -> bool:
    """Do or ask for the errand in the transaction of the call's row; True where there is one."""
    if signal.kind == PART:
        _store(webhook.unpack(content_of(raw)), raw)
        return True
    if signal.kind not in {FETCH, CONFIRM}:
        return False
    ask(JOB, raw.pk)
    return True


@fetch_job(JOB)
def run(*, raw_id: int) -> None:
    """Do the errand of a stored call; doing it again stores no mail twice."""
    from rapport.channels.email.receive import amazon

    raw = RawInbound.objects.select_related("inbox", "file").get(pk=raw_id)
    call = webhook.open_call(content_of(raw))
    if call.service == "amazon_ses":
        amazon.confirm(call.body)
        return
    reader = services.view(call.service, key=key_of(EmailSettings.objects.get(inbox=raw.inbox), call.service))
    _store(services.mails(reader, call.content_type, call.body), raw)


def _store(mails: list[bytes], call: RawInbound) -> None:
    for mail in mails:
        store_raw(
            inbox=call.inbox,
            content=mail,
            source=FETCHED,
            envelope_to=call.envelope_to,
            received_at=call.received_at,
            key=webhook.mail_key(mail, call.inbox_id),
        )


def key_of(settings: EmailSettings, service: str) -> str:
    """Return the API key to fetch with: its own, or the one for sending by the same service."""
    return settings.webhook_api_key or (settings.provider_key if settings.provider == service else "")
