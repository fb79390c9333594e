"""One mail that reached us several times: finding the message that it is already."""

from rapport.conversations.models import Message, SideMessage
from rapport.conversations.queries import threading
from rapport.conversations.subjects import LENGTH as SUBJECT_LENGTH
from rapport.conversations.wording import readable
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import RawInbound
from rapport.kernel.db.locks import lock_name
from rapport.kernel.stream.models import Origin


def copy_of(raw: RawInbound, inbound: InboundMessage) -> Message | None:
    """Return the message that this mail is already; two at once wait for each other.

    Another inbox got it too, or the inbox itself by another way before its mailbox gave its old mail.
    """
    lock_name(f"mail:{inbound.provider_id}")
    copy = threading.copy_of(inbound.provider_id)
    return copy if copy is not None and _same_mail(copy, raw, inbound) else None


def side_copy_of(raw: RawInbound, inbound: InboundMessage, answered: SideMessage) -> SideMessage | None:
    """Return the third party's answer that another inbox got already."""
    copy = threading.side_copy_of(answered, inbound.provider_id)
    return copy if copy is not None and _same_mail(copy, raw, inbound) else None


def _same_mail(copy: Message | SideMessage, raw: RawInbound, inbound: InboundMessage) -> bool:
    """Broken senders use a Message-ID twice: another way in, and the same sender, subject and words."""
    if copy.raw is None or (copy.inbox_id == raw.inbox_id and not _old_copy(copy, raw, inbound)):
        return False
    author = inbound.customer if isinstance(copy, Message) else inbound.sender
    theirs = (author.value[:320], inbound.subject[:SUBJECT_LENGTH], readable(inbound).text)
    return (copy.sender_address, copy.subject, copy.text) == theirs


def _old_copy(copy: Message | SideMessage, raw: RawInbound, inbound: InboundMessage) -> bool:
    """Tell whether old mail may be what came live by another way, where a relay changed its bytes."""
    if raw.origin != Origin.IMPORT or copy.raw is None or copy.raw.source == raw.source:
        return False
    sizes = copy.attachments.values_list("size", flat=True)
    return sorted(sizes) == sorted(len(file.content) for file in inbound.files)
