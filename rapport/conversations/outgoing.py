"""Building what a channel sends, from a Message or a SideMessage and nothing else."""

from django.db.models import QuerySet

from rapport.conversations.models import Attachment, Delivery, DeliveryRecipient, Message, SideMessage
from rapport.conversations.quoting import had_it
from rapport.conversations.recipients import loaded
from rapport.conversations.sentences import sentence
from rapport.inboxes.contract import Address, OutgoingFile, OutgoingMessage
from rapport.inboxes.models import Inbox
from rapport.kernel.db.prepared import prepared
from rapport.kernel.files.storage import read
from rapport.kernel.sentences import Told
from rapport.kernel.text import extract

LONGEST_CHAIN = 20
_HAD_IT = ("sent", "skipped", "bounced")


class NothingToSend(Told):
    """The delivery has no words or nobody left to send them to; ``reason`` says which."""


def build(delivery: Delivery) -> tuple[OutgoingMessage, Inbox]:
    """Return the outgoing message of a delivery and the inbox that sends it. The same bytes on every try.

    Raises:
        NothingToSend: there are no words, or every recipient has had it.

    """
    words = _words(delivery)
    if words is None or words.inbox is None:
        raise NothingToSend(sentence("text_gone"))
    recipients = _recipients(delivery.pk)
    pending = tuple(row.address for row in recipients if row.state not in _HAD_IT)
    if not pending:
        raise NothingToSend(sentence("all_had_it"))
    addressed = {
        role: tuple(Address(row.address, row.name) for row in recipients if row.role == role)
        for role in ("to", "cc", "bcc")
    }
    inbox = words.inbox
    own, quoted = _html(words, quotes=_may_quote(words, recipients))
    earlier = _answered(words) if isinstance(words, SideMessage) else []
    outgoing = OutgoingMessage(
        identity=words.identity,
        sender=Address(inbox.address, _sender_name(words, inbox)),
        to=addressed["to"] or loaded(words.to),
        cc=addressed["cc"],
        bcc=addressed["bcc"],
        subject=words.subject,
        text="\n\n".join(filter(None, (extract.text_of(own, links=True), extract.text_of(quoted)))),
        html=own + quoted,
        in_reply_to=words.in_reply_to if isinstance(words, Message) else "".join(earlier[:1]),
        references=tuple(words.references.split()) if isinstance(words, Message) else tuple(earlier[::-1]),
        files=_files(words),
        written_at=words.created_at,
        automatic=words.automatic if isinstance(words, Message) else False,
        token=words.token,
        only=pending,
    )
    return outgoing, inbox


def _words(delivery: Delivery) -> Message | SideMessage | None:
    if delivery.message_id is not None:
        delivery.message = _message.first(delivery.message_id)
        return delivery.message
    return delivery.side_message


def _answered(side: SideMessage) -> list[str]:
    """Return the Message-IDs of the talk that a side message goes on, the newest first."""
    found: list[str] = []
    earlier = side.answered
    while earlier is not None and len(found) < LONGEST_CHAIN:
        found += filter(None, [earlier.identity])
        earlier = earlier.answered
    return found


@prepared
def _message(pk: int) -> QuerySet[Message]:
    return Message.objects.select_related("inbox", "inbox__brand").filter(pk=pk)


@prepared
def _recipients(delivery_id: int) -> QuerySet[DeliveryRecipient]:
    return DeliveryRecipient.objects.filter(delivery_id=delivery_id).order_by("pk")


def _may_quote(words: Message | SideMessage, recipients: list[DeliveryRecipient]) -> bool:
    """Tell whether whoever was put in another's place has had what is quoted; a forward passes it on."""
    new = [row.address for row in recipients if row.former]
    if not new:
        return True
    if isinstance(words, SideMessage):
        return words.answered is None or had_it(words.answered, new)
    quoted = _quoted(words)
    return bool(quoted) and all(had_it(each, new) for each in quoted)


def _quoted(message: Message) -> list[Message]:
    named = Message.objects.filter(conversation_id=message.conversation_id, identity=message.in_reply_to)
    return list(named) if message.in_reply_to else []


def _html(words: Message | SideMessage, *, quotes: bool) -> tuple[str, str]:
    """Return the own words with the signature, and what is quoted below; a side message has both in one."""
    if isinstance(words, SideMessage):
        own = words.typed if words.signed is None else words.signed
        return words.html if quotes else words.html[:own], ""
    signed = f"<div><br>{words.signature_html}</div>" if words.signature_html else ""
    quoted = f"<div><br>{words.quoted_html}</div>" if words.quoted_html and quotes else ""
    return words.html + signed, quoted


def _sender_name(words: Message | SideMessage, inbox: Inbox) -> str:
    shop = inbox.sender_name or inbox.brand.name
    return f"{words.sender_name} · {shop}" if words.sender_name and words.agent_id else shop


@prepared
def _of_message(pk: int) -> QuerySet[Attachment]:
    return Attachment.objects.select_related("file").filter(message_id=pk).order_by("pk")


@prepared
def _of_side(pk: int) -> QuerySet[Attachment]:
    return Attachment.objects.select_related("file").filter(side_message_id=pk).order_by("pk")


def _files(words: Message | SideMessage) -> tuple[OutgoingFile, ...]:
    attachments = _of_message(words.pk) if isinstance(words, Message) else _of_side(words.pk)
    return tuple(
        OutgoingFile(
            name=attachment.name,
            content_type=attachment.content_type,
            content=read(attachment.file),
            content_id=attachment.content_id if attachment.inline else "",
        )
        for attachment in attachments
    )
