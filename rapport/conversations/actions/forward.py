"""Forwarding to a third party. The answers to it are side messages and never public."""

from datetime import timedelta
from html import escape

from django.db import transaction

from rapport.conversations.actions.drafts import discard, move_files
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.note import EmptyText
from rapport.conversations.actions.queue_delivery import queue_delivery
from rapport.conversations.actions.reply import UNDO_WINDOW, Answer, check_carried
from rapport.conversations.actors import by_agent
from rapport.conversations.kinds import SideSent
from rapport.conversations.models import Attachment, Conversation, Delivery, Message, SideMessage
from rapport.conversations.models.words import Direction
from rapport.conversations.queries.access import NotFound
from rapport.conversations.recipients import stored
from rapport.conversations.signatures import signature_for
from rapport.conversations.subjects import forward_subject, subject_line
from rapport.conversations.timeline import append
from rapport.conversations.wording import written
from rapport.inboxes.registry import channel
from rapport.kernel.clock import now
from rapport.kernel.text import extract
from rapport.kernel.text.sanitise import SANITISER_VERSION
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def forward(
    *,
    agent: Agent,
    conversation_id: int,
    answer: Answer,
    message_id: int | None = None,
    with_files: bool = True,
    undo: timedelta = UNDO_WINDOW,
) -> SideMessage:
    """Send words, and below them one public message of the conversation, to a third party.

    Raises:
        CannotCarry: the channel cannot carry it, or there is nobody to send it to.
        EmptyText: no words and nothing forwarded.

    """
    wording = written(answer.html)
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        discard(agent=agent, conversation=conversation, kind="forward", nonce=answer.nonce)
        key = answer.send_key(agent, conversation.pk)
        if key and (before := SideMessage.objects.filter(nonce=key).first()):
            return before
        forwarded = _forwarded(conversation, message_id)
        copied = list(forwarded.attachments.all()) if forwarded is not None and with_files else []
        if not wording.text and not answer.attachment_ids and forwarded is None:
            raise EmptyText
        sizes = [file.size for file in copied]
        check_carried(agent, conversation.inbox, wording, answer, copied=sizes, may_be_empty=True)
        side = _write(agent, conversation, answer, wording.html, forwarded, key)
        move_files(agent, answer.attachment_ids, side_message=side)
        _copy_files(copied, side)
        delivery = queue_delivery(side_message=side, run_at=now() + undo)
        payload = SideSent(side_message_id=side.pk, delivery_id=delivery.pk)
        append(conversation, "side.sent", payload, actor=by_agent(agent))
    return side


def _forwarded(conversation: Conversation, message_id: int | None) -> Message | None:
    if message_id is None:
        return None
    never_sent = [Delivery.WITHDRAWN, Delivery.SKIPPED]
    shown = Message.objects.filter(pk=message_id, conversation=conversation)
    message = shown.exclude(deliveries__state__in=never_sent).first()
    if message is None:
        raise NotFound
    return message


def _write(
    agent: Agent,
    conversation: Conversation,
    answer: Answer,
    html: str,
    forwarded: Message | None,
    key: str | None,
) -> SideMessage:
    inbox = conversation.inbox
    identity, token = channel(inbox.kind).new_identity(inbox)
    whole = html + signature_for(agent, conversation.brand)
    if forwarded is not None:
        sender = escape(f"{forwarded.sender_name} <{forwarded.sender_address}>")
        when = forwarded.created_at.strftime("%Y-%m-%d %H:%M UTC")
        whole += f"<hr><p>{sender} · {when} · {escape(forwarded.subject)}</p>{forwarded.html}"
    return SideMessage.objects.create(
        conversation=conversation,
        direction=Direction.OUT,
        agent=agent,
        inbox=inbox,
        sender_name=agent.shown_name,
        sender_address=inbox.address,
        to=stored(answer.to),
        cc=stored(answer.cc),
        bcc=stored(answer.bcc),
        nonce=key,
        subject=subject_line(answer.subject) or forward_subject(conversation.subject),
        html=whole,
        typed=len(html),
        text=extract.text_of(whole).strip(),
        sanitiser=SANITISER_VERSION,
        identity=identity,
        token=token,
        created_at=now(),
    )


def _copy_files(copied: list[Attachment], side: SideMessage) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            file_id=attachment.file_id,
            side_message=side,
            name=attachment.name,
            content_type=attachment.content_type,
            size=attachment.size,
            content_id=attachment.content_id,
            inline=attachment.inline,
        )
        for attachment in copied
    )
