"""Keep what came in, byte for byte, before anybody is told that it was accepted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from rapport.inboxes.addresses import storable
from rapport.inboxes.models import Inbox, RawBody, RawInbound
from rapport.inboxes.raw_key import raw_key
from rapport.kernel import clock
from rapport.kernel.db import rows
from rapport.kernel.db.prepared import prepared
from rapport.kernel.files import storage
from rapport.kernel.files.models import StoredFile
from rapport.kernel.jobs.queues import wake

SMALL = 64 * 1024
QUEUE = "ingest"
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SafeMail:
    """A mail whose bytes are safe: its key, and its file where it is too large for the table."""

    content: bytes
    key: str
    file: StoredFile | None
    known: bool


def store_raw(
    *,
    inbox: Inbox,
    content: bytes,
    source: str,
    envelope_from: str = "",
    envelope_to: str = "",
    origin: str = "live",
    received_at: datetime | None = None,
    key: str = "",
) -> RawInbound:
    """Keep a mail and return its row; a copy of one that is here returns that one and stores nothing.

    One transaction; when it has committed, the mail may be acknowledged. Any bytes are accepted. ``source``
    says how it came (imap, sent, lmtp, pipe, webhook), ``origin`` is live, import or demo.
    """
    mail = prepare(inbox=inbox, content=content, key=key)
    with transaction.atomic():
        return insert(
            mail,
            inbox=inbox,
            source=source,
            envelope_from=envelope_from,
            envelope_to=envelope_to,
            origin=origin,
            received_at=received_at,
        )


def prepare(*, inbox: Inbox, content: bytes, key: str = "") -> SafeMail:
    """Do the slow part outside the transaction: the key, and the file of a large mail on disk.

    ``key`` is given where what came in wraps the mail, so that its own bytes do not say which mail it is.
    """
    key = key or raw_key(content, inbox.pk)
    large = len(content) > SMALL
    # Of a small mail the unique key says it as its row is written.
    known = large and bool(_with_key(key))
    file = None
    if large and not known:
        file = storage.store(content, name="mail.eml", content_type="message/rfc822")
    return SafeMail(content, key, file, known)


def insert(
    mail: SafeMail,
    *,
    inbox: Inbox,
    source: str,
    envelope_from: str = "",
    envelope_to: str = "",
    origin: str = "live",
    received_at: datetime | None = None,
) -> RawInbound:
    """Write the row of a prepared mail inside the caller's transaction."""
    if mail.known and (known := _with_key(mail.key)):
        return known[0]
    now = clock.now()
    received_at = received_at or now
    row = RawInbound(
        inbox=inbox,
        unique_key=mail.key,
        source=source,
        origin=origin,
        envelope_from=storable(envelope_from),
        envelope_to=storable(envelope_to),
        size=len(mail.content),
        file=mail.file,
        received_at=received_at,
        run_at=now,
    )
    if not rows.insert_unless_taken(row, "unique_key"):
        # Two receivers had the same mail in hand; the unique key lets one of them in.
        return RawInbound.objects.get(unique_key=mail.key)
    if mail.file is None:
        rows.insert(RawBody(raw=row, content=mail.content))
    if origin == "live":
        _note_arrival(inbox, received_at)
    wake(QUEUE)
    return row


@prepared
def _with_key(key: str) -> QuerySet[RawInbound]:
    return RawInbound.objects.filter(unique_key=key)


def _note_arrival(inbox: Inbox, at: datetime) -> None:
    if inbox.last_received_at is not None and inbox.last_received_at >= at - _NOTED_EVERY:
        return
    # At most once a minute, so that receivers of a busy inbox do not wait for each other on its row.
    stale = Q(last_received_at__isnull=True) | Q(last_received_at__lt=at - _NOTED_EVERY)
    Inbox.objects.filter(stale, pk=inbox.pk).update(last_received_at=at)
    inbox.last_received_at = at
