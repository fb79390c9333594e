"""The bytes of a raw row, wherever they are kept, and the message in them."""

from django.db.models import QuerySet

from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import RawBody, RawInbound
from rapport.inboxes.registry import channel
from rapport.kernel.db.prepared import prepared
from rapport.kernel.files.storage import read


def content_of(raw: RawInbound) -> bytes:
    """Return what came in, byte for byte; raises ``Damaged`` where the file no longer matches its hash."""
    if raw.file is not None:
        return read(raw.file)
    (body,) = _content(raw.pk)
    return bytes(body)


def message_in(raw: RawInbound) -> InboundMessage | None:
    """Return the message in a raw row as people read it; None where there is none. Raises ``Damaged``."""
    return channel(raw.inbox.kind).as_message(content_of(raw), raw)


@prepared
def _content(raw_id: int) -> QuerySet[RawBody, bytes | memoryview]:
    return RawBody.objects.filter(raw_id=raw_id).values_list("content", flat=True)
