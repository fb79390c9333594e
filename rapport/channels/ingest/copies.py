"""One mail that reached us several times: finding the message that it is already."""

from datetime import datetime
from hashlib import sha256

from rapport.channels.ingest.content import message_in
from rapport.conversations.models import Message, SideMessage
from rapport.conversations.queries import threading
from rapport.conversations.subjects import LENGTH as SUBJECT_LENGTH
from rapport.conversations.wording import readable
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import RawInbound
from rapport.kernel.db.locks import lock_name
from rapport.kernel.files.storage import Damaged
from rapport.kernel.stream.models import Origin
from rapport.kernel.text.extract import text_of


def copy_of(raw: RawInbound, inbound: InboundMessage) -> Message | None:
    """Return the message that this mail is already; two at once wait for each other.

    Another inbox got it too, or the inbox itself before its mailbox gave its old mail.
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
    if copy.raw is None or (copy.inbox_id == raw.inbox_id and raw.origin != Origin.IMPORT):
        return False
    author = inbound.customer if isinstance(copy, Message) else inbound.sender
    words = readable(inbound)
    theirs = (author.value[:320], inbound.subject[:SUBJECT_LENGTH], words.text)
    if (copy.sender_address, copy.subject, copy.text) != theirs:
        return False
    return copy.inbox_id != raw.inbox_id or _old_copy(copy, inbound, words.signed_html)


def _old_copy(copy: Message | SideMessage, inbound: InboundMessage, html: str) -> bool:
    """Tell whether old mail is what came live, where a mail server has written it otherwise.

    A machine that gives all its mails one Message-ID may say in all of them that they are to be read as HTML.
    One that says the same each day has at least another date. The signature is compared with the rest: older
    messages hold it among their words.
    """
    shown = copy.signed_html if isinstance(copy, Message) else copy.html
    if text_of(shown).split() != text_of(html).split():
        return False
    hashes = copy.attachments.values_list("file__sha256", flat=True)
    if sorted(hashes) != sorted(sha256(file.content).hexdigest() for file in inbound.files):
        return False
    return copy.raw is None or _date_of(copy.raw) in {inbound.sent_at, None}


def _date_of(raw: RawInbound) -> datetime | None:
    """Return when a mail says that it was sent; None where it does not, or cannot be read any more."""
    try:
        message = message_in(raw)
    except Damaged:
        return None
    return message.sent_at if message is not None else None
