"""What a customer has in their mailbox from before the demo was first opened.

Nothing of it is built in advance: opening a mailbox gathers what its owner wrote and what reached them.
"""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from rapport.channels.ingest.content import content_of
from rapport.conversations.models import Attachment, DeliveryRecipient, Message
from rapport.conversations.models.words import Direction
from rapport.demo.mailboxes import keep
from rapport.demo.models import CustomerMail
from rapport.kernel.files.storage import read
from rapport.kernel.text.extract import text_of

REACHED = "sent"


def recall(mailbox: str) -> int:
    """Put every mail of the past that is not there yet into a mailbox; return how many were missing."""
    mails = sorted([*_written(mailbox), *_received(mailbox)], key=lambda pair: (pair[1], pair[0].pk))
    there = CustomerMail.objects.filter(mailbox=mailbox.lower()).values_list("message_id", flat=True)
    known = {identity.strip("<>") for identity in there}
    missing = [(message, at) for message, at in mails if message.identity.strip("<>") not in known]
    for message, at in missing:
        if message.direction == Direction.IN and message.raw is not None:
            keep(mailbox, content_of(message.raw), sent=True, at=at)
        else:
            keep(mailbox, _composed(message, at), sent=False, at=at)
    return len(missing)


def _written(mailbox: str) -> list[tuple[Message, datetime]]:
    rows = Message.objects.filter(direction=Direction.IN, sender_address__iexact=mailbox, raw__isnull=False)
    return [(row, row.created_at) for row in rows.select_related("raw")]


def _received(mailbox: str) -> list[tuple[Message, datetime]]:
    reached = DeliveryRecipient.objects.filter(
        address__iexact=mailbox, state=REACHED, delivery__message__isnull=False
    ).select_related("delivery__message__inbox__brand")
    found = []
    for row in reached:
        message = row.delivery.message
        if message is not None:
            found.append((message, row.delivery.sent_at or message.created_at))
    return found


def _composed(message: Message, at: datetime) -> bytes:
    mail = EmailMessage()
    shop = message.inbox
    if shop is not None:
        who = f"{message.sender_name} · {shop.brand.name}" if message.sender_name else shop.brand.name
        mail["From"] = formataddr((who, shop.address))
    mail["To"] = ", ".join(formataddr((each.get("name", ""), each["address"])) for each in message.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message.identity
    for name, value in (("In-Reply-To", message.in_reply_to), ("References", message.references)):
        if value:
            mail[name] = value
    html = "<br>".join(part for part in (message.html, message.signature_html) if part)
    mail.set_content(text_of(html))
    mail.add_alternative(html, subtype="html")
    for file in Attachment.objects.filter(message=message, inline=False).select_related("file"):
        kind, _slash, subtype = file.content_type.partition("/")
        mail.add_attachment(read(file.file), maintype=kind, subtype=subtype or "plain", filename=file.name)
    return mail.as_bytes()
