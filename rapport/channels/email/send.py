"""Sending one message from an inbox, the way its settings say."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rapport.channels.email import plus_proof, providers, reply_token, smtp
from rapport.channels.email.compose import Unsendable, clean, compose, needs_utf8, wire_address
from rapport.channels.email.models import EmailSettings, Outgoing
from rapport.channels.email.sentences import sentence
from rapport.inboxes.contract import (
    RETRY_SETTINGS_SECONDS,
    Address,
    OutgoingMessage,
    Receipt,
    RecipientResult,
    SendError,
)
from rapport.kernel import clock
from rapport.kernel.crypto import derived_key


def instance_name() -> str:
    """Return what names this installation in its mails, so that it knows them again when they come back."""
    return derived_key("mail instance").hex()[:24]


def send(outgoing: OutgoingMessage, settings: EmailSettings, *, until: float | None = None) -> Receipt:
    """Hand a message over and return what was said for each recipient.

    A mail server has ``until`` that moment of the monotonic clock for all of it.

    Raises:
        SendError: it was not taken for anybody.

    """
    everybody = recipients(outgoing)
    usable = [each for each in everybody if _usable(each)]
    refused = [_no_address(each) for each in everybody if each not in usable]
    if not usable:
        return Receipt(recipients=tuple(refused))
    try:
        if settings.outgoing == Outgoing.PROVIDER:
            receipt = providers.deliver(settings, outgoing, instance=instance_name())
        elif settings.outgoing == Outgoing.SMTP:
            receipt = _by_smtp(outgoing, settings, usable, until)
        else:
            raise SendError(
                sentence("no_way_out"),
                permanent=False,
                retry_after=RETRY_SETTINGS_SECONDS,
            )
    except Unsendable as unsendable:
        raise SendError(unsendable.reason, permanent=True) from None
    return Receipt(provider_id=receipt.provider_id, recipients=(*receipt.recipients, *refused))


def recipients(outgoing: OutgoingMessage) -> list[str]:
    """Return everybody who is to get the message, once each; on a retry only those still to be reached."""
    wanted = {each.casefold() for each in outgoing.only}
    found: dict[str, str] = {}
    for each in (*outgoing.to, *outgoing.cc, *outgoing.bcc):
        if not wanted or each.value.casefold() in wanted:
            found.setdefault(each.value.casefold(), each.value)
    return list(found.values())


def _by_smtp(
    outgoing: OutgoingMessage, settings: EmailSettings, everybody: Sequence[str], until: float | None
) -> Receipt:
    content = compose(_presentable(outgoing), now=clock.now(), instance=instance_name())

    def hand_over(sender: str) -> tuple[str, list[RecipientResult]]:
        return smtp.deliver(
            settings,
            sender=wire_address(sender),
            recipients=[wire_address(each) for each in everybody],
            content=content,
            utf8=needs_utf8(outgoing),
            until=until,
        )

    said, results = _from_bounce_address(outgoing, settings, hand_over)
    # The results carry the addresses as the message has them, not their spelling on the wire.
    named = [
        RecipientResult(address=address, accepted=each.accepted, permanent=each.permanent, detail=each.detail)
        for address, each in zip(everybody, results, strict=True)
    ]
    return Receipt(provider_id=_replaced_id(said, settings), recipients=tuple(named))


def _from_bounce_address(
    outgoing: OutgoingMessage,
    settings: EmailSettings,
    hand_over: Callable[[str], tuple[str, list[RecipientResult]]],
) -> tuple[str, list[RecipientResult]]:
    """Hand over with a sender that tells of a bounce which message came back, where plus addresses arrive."""
    own = outgoing.sender.value
    if not outgoing.token or not plus_proof.is_sender(settings, own):
        return hand_over(own)
    lasting = True
    try:
        said, results = hand_over(reply_token.plus_address(outgoing.token, own))
    except smtp.MailTooLarge:
        raise
    except SendError as refused:
        if isinstance(refused, smtp.SenderRefused):
            lasting = refused.for_itself
        elif not refused.permanent:
            raise
    else:
        if not all(each.permanent for each in results):
            return said, results
    # Some servers take no sender but the account's own. They say so of it, for good or for now, of each
    # recipient or after the data, and nobody has had anything.
    said, results = hand_over(own)
    if lasting and any(each.accepted for each in results):
        plus_proof.note_refused(settings)
    return said, results


def _replaced_id(said: str, settings: EmailSettings) -> str:
    # Amazon SES replaces the Message-ID and names its own in the reply to the data.
    host, words = settings.smtp_host.lower(), said.split()
    if not host.endswith(".amazonaws.com") or len(words) < 2 or words[0] != "Ok":
        return ""
    region = host.removeprefix("email-smtp.").split(".")[0]
    return f"<{words[1]}@{'email' if region == 'us-east-1' else region}.amazonses.com>"


def _usable(address: str) -> bool:
    try:
        wire_address(address)
    except Unsendable:
        return False
    return True


def _no_address(address: str) -> RecipientResult:
    words = sentence("no_address", address=clean(address))
    return RecipientResult(address=address, accepted=False, permanent=True, detail=words)


def _presentable(outgoing: OutgoingMessage) -> OutgoingMessage:
    """Leave addresses out of the headers that are none; everybody else stays visible, also on a retry."""

    def shown(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
        return tuple(each for each in addresses if _usable(each.value))

    return replace(outgoing, to=shown(outgoing.to), cc=shown(outgoing.cc), bcc=())
