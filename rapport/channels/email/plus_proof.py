"""Whether mail to a plus address arrives: tried by a mail to ourselves whose address carries a signed token.

Only the newest test of an inbox counts, and only for the address that it was made for.
"""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.channels.email import reply_token
from rapport.channels.email.models import EmailSettings
from rapport.channels.email.parse import ParsedMail
from rapport.channels.email.sentences import sentence
from rapport.channels.email.threading import written_to
from rapport.inboxes.contract import Address, Hint, InboundSignal
from rapport.inboxes.models import RawInbound
from rapport.kernel import clock
from rapport.kernel.crypto import derived_key

KIND: Final = "plus_address"
PATIENCE = timedelta(minutes=10)
REFUSED_FOR = timedelta(days=7)
"""How long a mail server that refused a plus address as sender is not asked again."""


class Proof(models.TextChoices):
    """Where the test of an inbox's plus addresses stands."""

    UNTRIED = "untried", _("Not tried yet")
    WAITING = "waiting", _("Sent, waiting")
    MISSING = "missing", _("Not arrived yet")
    PROVEN = "proven", _("Proven")


def key_of(inbox_id: int) -> bytes:
    """Return the key that signs the test mails of one inbox: one that strays into another proves nothing."""
    return derived_key(f"plus address test {inbox_id}")


def proven(settings: EmailSettings, address: str) -> bool:
    """Tell whether mail to plus addresses of ``address`` is known to arrive."""
    return settings.plus_proven_at is not None and settings.plus_proven_for == address.lower()


def is_sender(settings: EmailSettings, address: str) -> bool:
    """Tell whether plus addresses of ``address`` serve as sender: they arrive, and the server takes them."""
    refused = settings.plus_refused_at
    return proven(settings, address) and (refused is None or clock.now() - refused > REFUSED_FOR)


def note_refused(settings: EmailSettings) -> None:
    """Remember that the mail server takes no plus address as sender, but the inbox's own address."""
    EmailSettings.objects.filter(inbox=settings.inbox_id).update(plus_refused_at=clock.now())


def proof(settings: EmailSettings, address: str) -> Proof:
    """Return where the test stands; after ten minutes a mail that has not arrived is missing."""
    if proven(settings, address):
        return Proof.PROVEN
    if not settings.plus_test or settings.plus_tested_at is None:
        return Proof.UNTRIED
    return Proof.WAITING if clock.now() - settings.plus_tested_at < PATIENCE else Proof.MISSING


def read(mail: ParsedMail, key: bytes) -> InboundSignal | None:
    """Return the signal where a mail is a test of ours, and None for every other mail. Pure."""
    for address in written_to(mail):
        token = reply_token.in_proof_address(address)
        if token and reply_token.verify(token, key):
            return InboundSignal(
                kind=KIND,
                reason=sentence("plus_arrived"),
                hints=(Hint(kind="token", value=token),),
                sender=Address(mail.from_.email, mail.from_.name),
                subject=mail.subject,
            )
    return None


def arrived(signal: InboundSignal, raw: RawInbound) -> bool:
    """Note that the newest test mail of an inbox came in; an older one changes nothing."""
    tested = EmailSettings.objects.filter(
        inbox=raw.inbox_id, plus_test__in=[hint.value for hint in signal.hints]
    )
    tested.update(plus_test="", plus_proven_at=clock.now(), plus_proven_for=raw.inbox.address.lower())
    return True
