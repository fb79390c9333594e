"""Forwarding to a third party. The answers to it are side messages and never public."""

from collections.abc import Collection
from datetime import timedelta
from html import escape

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.drafts import move_files
from rapport.conversations.actions.queue_delivery import queue_delivery
from rapport.conversations.actions.refuse_customer import refuse_forward_to_customer
from rapport.conversations.actions.reply import UNDO_WINDOW, Answer, begin_sending, check_carried
from rapport.conversations.actors import by_agent
from rapport.conversations.kinds import SideSent
from rapport.conversations.models import Attachment, Conversation, Message, SideMessage
from rapport.conversations.models.words import Direction
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.files import is_shown
from rapport.conversations.queries.passed_on import forwardable
from rapport.conversations.quoting import moment, quoted_history
from rapport.conversations.recipients import stored
from rapport.conversations.signatures import signature_for
from rapport.conversations.subjects import forward_subject, reply_subject, subject_line
from rapport.conversations.timeline import append
from rapport.conversations.wording import written
from rapport.inboxes.registry import channel
from rapport.kernel.clock import now
from rapport.kernel.text import extract
from rapport.kernel.text.sanitise import SANITISER_VERSION
from rapport.staff.models import Agent


def forward(
    *,
    agent: Agent,
    conversation_id: int,
    answer: Answer,
    message_id: int | None = None,
    file_ids: Collection[int] | None = None,
    token: int | None = None,
    undo: timedelta = UNDO_WINDOW,
) -> SideMessage:
    """Send words, and below them one public message of the conversation, to a third party.

    Of its files those of ``file_ids`` go along, None for all, and the pictures that its words show.

    Raises:
        Conflict: the customer wrote, or a colleague forwarded something, since ``token``.
        NotFound: the message is of another conversation, or was never sent.
        CannotCarry: the channel cannot carry it, there is nobody to send it to, or it is the customer's side.
        EmptyText: no words and nothing forwarded.

    """
    wording = written(answer.html)
    act = ("forward", message_id, None if file_ids is None else sorted(file_ids))
    with transaction.atomic():
        conversation, key, before = begin_sending(
            agent, conversation_id, answer, SideMessage, *act, kind="forward"
        )
        if before is not None:
            return before
        forwarded = _forwarded(conversation, message_id)
        conflicts.check(conversation, act="forward", token=token, agent=agent)
        copied = _files_of(forwarded, file_ids)
        sizes = [file.size for file in copied]
        whole = forwarded is not None
        check_carried(agent, conversation.inbox, wording, answer, copied=sizes, may_be_empty=whole)
        refuse_forward_to_customer(conversation, answer.readers)
        side = write_side(agent, conversation, answer, wording.html, key, forwarded=forwarded)
        _copy_files(copied, side)
        queue_side(agent, side, answer, undo)
    return side


def queue_side(agent: Agent, side: SideMessage, answer: Answer, undo: timedelta) -> None:
    """Give a side message its files and put it into the outbox, inside the caller's transaction."""
    move_files(agent, answer.attachment_ids, side_message=side)
    delivery = queue_delivery(side_message=side, run_at=now() + undo)
    payload = SideSent(side_message_id=side.pk, delivery_id=delivery.pk)
    append(side.conversation, "side.sent", payload, actor=by_agent(agent))


def _forwarded(conversation: Conversation, message_id: int | None) -> Message | None:
    if message_id is None:
        return None
    message = forwardable(conversation, message_id)
    if message is None:
        raise NotFound
    return message


def _files_of(forwarded: Message | None, file_ids: Collection[int] | None) -> list[Attachment]:
    if forwarded is None:
        return []
    return [
        file
        for file in forwarded.attachments.all()
        if file_ids is None or file.pk in file_ids or is_shown(file, forwarded.signed_html)
    ]


def _passed_on(forwarded: Message | None) -> str:
    if forwarded is None:
        return ""
    sender = escape(f"{forwarded.sender_name} <{forwarded.sender_address}>")
    when = moment(forwarded.created_at)
    return f"<hr><p>{sender} · {when} · {escape(forwarded.subject)}</p>{forwarded.signed_html}"


def write_side(
    agent: Agent,
    conversation: Conversation,
    answer: Answer,
    html: str,
    key: str | None,
    *,
    forwarded: Message | None = None,
    answered: SideMessage | None = None,
) -> SideMessage:
    """Write the row of an outgoing side message: ``html`` as typed, the signature, and what is below."""
    inbox = conversation.inbox
    identity, token = channel(inbox.kind).new_identity(inbox)
    below = quoted_history(answered, answer.readers) if answered is not None else _passed_on(forwarded)
    signed = html + signature_for(agent, conversation.brand)
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
        subject=subject_line(answer.subject) or _subject(conversation, answered),
        forwarded=forwarded,
        answered=answered,
        html=signed + below,
        typed=len(html),
        signed=len(signed),
        text=extract.text_of(signed + below).strip(),
        sanitiser=SANITISER_VERSION,
        identity=identity,
        token=token,
        created_at=now(),
    )


def _subject(conversation: Conversation, answered: SideMessage | None) -> str:
    if answered is None:
        return forward_subject(conversation.subject)
    return reply_subject(answered.subject or conversation.subject)


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
