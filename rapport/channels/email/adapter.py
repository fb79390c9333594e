"""The e-mail channel behind the contract."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings as configuration
from django.db.models import QuerySet

from rapport.channels.email import errands, plus_proof, reply_token
from rapport.channels.email.check import check
from rapport.channels.email.limits import limits_of
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.reading import Known, as_message, read
from rapport.channels.email.receive import webhook, withheld
from rapport.channels.email.send import instance_name, send
from rapport.channels.email.verdicts import Context
from rapport.inboxes.contract import (
    Address,
    Capabilities,
    InboundMessage,
    InboundSignal,
    MailRefused,
    OutgoingMessage,
    Problem,
    Receipt,
)
from rapport.inboxes.models import WITHHELD, Inbox, RawInbound
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.kernel.crypto import derived_key
from rapport.kernel.db.prepared import prepared

RULES = ("authserv_id", "spam_header", "form_sender", "customer_pattern")
"""The columns of an inbox's settings that say how its mail is read."""


class EmailChannel:
    """Mail in, mail out."""

    kind = "email"
    label = "E-mail"
    capabilities = Capabilities()

    def parse(
        self, content: bytes, raw: RawInbound
    ) -> Sequence[InboundMessage | InboundSignal | MailRefused]:
        """Read a mail, or the one that a mail service handed over in a call."""
        if raw.source == WITHHELD:
            return [withheld.asked_again()]
        known = _known(raw)
        return _read_call(content, known) if raw.source == webhook.SOURCE else [read(content, known)]

    def as_message(self, content: bytes, raw: RawInbound) -> InboundMessage | None:
        """Read a mail as a message, also where it looks like a report."""
        if raw.source == WITHHELD:
            return None
        if raw.source != webhook.SOURCE:
            return as_message(content, _known(raw))
        try:
            errand = errands.errand_in(webhook.open_call(content))
            mails = [] if errand else webhook.unpack(content)
        except webhook.Unreadable:
            return None
        return as_message(mails[0], _known(raw)) if len(mails) == 1 else None

    def send(self, outgoing: OutgoingMessage, inbox: Inbox) -> Receipt:
        """Hand a message over; answers come to the inbox, by a plus address where that is proven to work."""
        settings = settings_of(inbox)
        proven = plus_proof.proven(settings, outgoing.sender.value)
        if proven and outgoing.token and outgoing.reply_to is None:
            address = reply_token.plus_address(outgoing.token, outgoing.sender.value)
            outgoing = replace(outgoing, reply_to=Address(address, outgoing.sender.name))
        return send(outgoing, settings)

    def take_signal(self, signal: InboundSignal, raw: RawInbound) -> bool:
        """Note that our test mail to a plus address arrived, or fetch what a row or a call names."""
        if signal.kind == plus_proof.KIND:
            return plus_proof.arrived(signal, raw)
        return withheld.take(signal, raw) or errands.take(signal, raw)

    def check(self, inbox: Inbox) -> list[Problem]:
        """Try the inbox's settings for real."""
        return check(settings_of(inbox), inbox.address)

    def new_identity(self, inbox: Inbox) -> tuple[str, str]:
        """Return a new Message-ID and the signed token in it."""
        token = reply_token.make_token(reply_key())
        return reply_token.message_id(token, inbox.address.rpartition("@")[2]), token

    def verify_token(self, token: str) -> bool:
        """Tell whether a token is one of ours."""
        return reply_token.verify(token, reply_key())


def reply_key() -> bytes:
    """Return the key that signs reply tokens."""
    return derived_key("reply token")


def settings_of(inbox: Inbox) -> EmailSettings:
    """Return an inbox's settings; unsaved ones where it has none yet."""
    return EmailSettings.objects.filter(inbox=inbox).first() or EmailSettings(inbox=inbox)


def _read_call(content: bytes, known: Known) -> Sequence[InboundMessage | InboundSignal | MailRefused]:
    try:
        errand = errands.errand_in(webhook.open_call(content))
        if errand:
            return [errand]
        mails = webhook.unpack(content)
        several = errands.parting(mails)
        return [several] if several else [read(mail, known) for mail in mails]
    except webhook.Unreadable as error:
        return [MailRefused(reason=error.reason)]


def _known(raw: RawInbound) -> Known:
    rules = _rules.first(raw.inbox_id) or dict.fromkeys(RULES, "")
    key = reply_key()
    return Known(
        limits=limits_of(configuration.ENVIRONMENT),
        key=key,
        plus_key=plus_proof.key_of(raw.inbox_id),
        context=_old_mail(rules) if raw.origin == "import" else _new_mail(rules, key),
        **rules,
    )


@prepared
def _rules(inbox_id: int) -> QuerySet[EmailSettings, dict[str, str]]:
    settings: QuerySet[EmailSettings, dict[str, str]] = EmailSettings.objects.values(*RULES)
    return settings.filter(inbox_id=inbox_id)


def _new_mail(rules: dict[str, str], key: bytes) -> Context:
    return Context(
        own_addresses=own_addresses(),
        own_servers=_servers(rules),
        instance=instance_name(),
        key=key,
    )


def _old_mail(rules: dict[str, str]) -> Context:
    # Our own answers of former times are no loop.
    return Context(own_servers=_servers(rules))


def _servers(rules: dict[str, str]) -> frozenset[str]:
    return frozenset({rules["authserv_id"].lower()} - {""})
