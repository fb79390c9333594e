"""Answering the customer: message, entry and delivery in one transaction; sent after commit."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.conversations import conflicts
from rapport.conversations.actions.assign import change_assignee
from rapport.conversations.actions.drafts import RENEWED, discard, move_files, upload_sizes
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.note import EmptyText
from rapport.conversations.actions.queue_delivery import queue_delivery
from rapport.conversations.actions.set_status import change_status
from rapport.conversations.actions.welcome import welcome
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Flagged, Sent
from rapport.conversations.models import Conversation, Entry, Message, SideMessage, Status
from rapport.conversations.models.words import Direction
from rapport.conversations.queries.answered import message_answered
from rapport.conversations.queries.undelivered import undelivered
from rapport.conversations.quoting import quoted_history
from rapport.conversations.reachable import unreachable
from rapport.conversations.recipients import is_no_reply, stored
from rapport.conversations.signatures import signature_for
from rapport.conversations.subjects import reply_subject, subject_line
from rapport.conversations.timeline import append
from rapport.conversations.wording import Wording, preview_of, written
from rapport.inboxes.addresses import is_one_of
from rapport.inboxes.contract import Address, Capabilities
from rapport.inboxes.models import Inbox
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.inboxes.registry import channel
from rapport.kernel.clock import now
from rapport.kernel.db.rows import insert
from rapport.kernel.text.sanitise import SANITISER_VERSION
from rapport.kernel.web.filters import file_size
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

M = TypeVar("M", Message, SideMessage)
UNDO_WINDOW = timedelta(seconds=10)
MOST_RECIPIENTS = 100


class CannotCarry(Exception):
    """The channel cannot carry this message; the message says why. Nothing was sent, the draft is kept."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an agent asks to send. ``status`` is set in the same act; None leaves it."""

    html: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    attachment_ids: tuple[int, ...] = ()
    status: Status | None = Status.WAITING
    quote: bool = True
    nonce: str = ""

    @property
    def readers(self) -> tuple[Address, ...]:
        """Everybody it goes to."""
        return (*self.to, *self.cc, *self.bcc)

    def send_key(self, agent: Agent, conversation_id: int | None, *act: object) -> str | None:
        """Return what only the same words, sent again from the same form by the same ``act``, have too."""
        if not self.nonce:
            return None
        form, files = self.nonce.partition(RENEWED)[0], sorted(self.attachment_ids)
        words = (self.html, self.subject, self.to, self.cc, self.bcc, files)
        sent = (act, agent.pk, conversation_id, form, words)
        return hashlib.sha256(repr(sent).encode("utf-8", "replace")).hexdigest()


def reply(
    *,
    agent: Agent,
    conversation_id: int,
    answer: Answer,
    token: int | None = None,
    answered: int = 0,
    undo: timedelta = UNDO_WINDOW,
) -> Message:
    """Answer the customer. Assigns the agent where nobody has it.

    ``answered`` is the last entry when the same form sent its last answer, 0 where it sent none.

    Raises:
        Conflict: the customer or a colleague wrote since ``token``, or the agent on another screen.
        CannotCarry: the channel cannot carry it, or there is nobody to send it to.
        EmptyText: no words and no files.

    """
    wording = written(answer.html)
    with transaction.atomic():
        conversation, key, before = begin_sending(
            agent, conversation_id, answer, Message, "reply", kind="reply"
        )
        if before is not None:
            return before
        conflicts.check(conversation, act="reply", token=token, agent=agent, answered=answered)
        if not answer.to and (words := unreachable(conversation)):
            raise CannotCarry(words)
        check_carried(agent, conversation.inbox, wording, answer)
        message = write_message(agent, conversation, wording, answer, key)
        delivery = queue_delivery(message=message, run_at=now() + undo)
        sent = append(
            conversation,
            "message.sent",
            Sent(message_id=message.pk, delivery_id=delivery.pk),
            actor=by_agent(agent),
        )
        welcome(conversation, (*answer.to, *answer.cc), agent, caused_by=sent)
        settle_after_sending(conversation, message, answer, agent, sent)
        save_state(conversation)
    return message


def begin_sending(
    agent: Agent, conversation_id: int, answer: Answer, words: type[M], *act: object, kind: str
) -> tuple[Conversation, str | None, M | None]:
    """Lock the conversation and close the form that ``answer`` comes from, inside the caller's transaction.

    ``act`` is what is done with the words, and below them. Returns the conversation, the key for the row of
    ``words``, and the row that the form wrote already by the same act.
    """
    conversation = lock_for(agent, conversation_id, Permission.REPLY)
    discard(agent=agent, conversation=conversation, kind=kind, nonce=answer.nonce)
    key = answer.send_key(agent, conversation.pk, *act)
    before = words._default_manager.filter(nonce=key).first() if key else None
    return conversation, key, before


def check_carried(
    agent: Agent,
    inbox: Inbox,
    wording: Wording,
    answer: Answer,
    *,
    copied: Sequence[int] = (),
    may_be_empty: bool = False,
) -> None:
    """Refuse what the inbox's channel cannot carry. ``copied`` are the sizes of files forwarded with it.

    Raises:
        CannotCarry: with the reason in the agent's language.
        EmptyText: there is nothing to send.

    """
    capabilities = channel(inbox.kind).capabilities
    sizes = [*upload_sizes(agent, wording.html, answer.attachment_ids), *copied]
    if not wording.text and not sizes and not may_be_empty:
        raise EmptyText
    _check_recipients(inbox, answer)
    _check_size(capabilities, wording, sizes)


def _check_recipients(inbox: Inbox, answer: Answer) -> None:
    if not answer.to:
        raise CannotCarry(_("Nobody to send it to: add an address in “To”."))
    if len(answer.readers) > MOST_RECIPIENTS:
        words = _("These are more than %(most)s recipients. Remove some.")
        raise CannotCarry(words % {"most": MOST_RECIPIENTS})
    for address in answer.readers:
        check_readable(inbox, address)


def check_readable(inbox: Inbox, address: Address) -> None:
    """Refuse an address at which no third person would read the mail; raises ``CannotCarry``."""
    named, value = {"address": address.value}, address.value.lower()
    if is_no_reply(value):
        words = _("%(address)s is a no-reply address, which nobody reads. Enter another one.")
    elif is_one_of(value, {inbox.address.lower()}):
        words = _("%(address)s is this inbox itself. Remove it from the recipients.")
    elif is_one_of(value, own_addresses()):
        words = _("%(address)s is another inbox of ours. Remove it from the recipients.")
    else:
        return
    raise CannotCarry(words % named)


def _check_size(capabilities: Capabilities, wording: Wording, sizes: Sequence[int]) -> None:
    if sizes and max(sizes) > capabilities.attachment_bytes:
        most = {"most": file_size(capabilities.attachment_bytes)}
        raise CannotCarry(_("One file is larger than %(most)s.") % most)
    if sum(sizes) > capabilities.attachments_bytes_total:
        most = {"most": file_size(capabilities.attachments_bytes_total)}
        raise CannotCarry(_("The files together are larger than %(most)s.") % most)
    if capabilities.length and len(wording.text) > capabilities.length:
        longest = {"most": capabilities.length}
        raise CannotCarry(_("The text is longer than %(most)s characters.") % longest)


def write_message(
    agent: Agent, conversation: Conversation, wording: Wording, answer: Answer, key: str | None
) -> Message:
    """Write the row of an outgoing message with its files; everything that will be sent is fixed here."""
    inbox = conversation.inbox
    identity, reply_token = channel(inbox.kind).new_identity(inbox)
    last = message_answered(conversation)
    quoted = quoted_history(last, answer.readers) if answer.quote and last else ""
    message = Message(
        conversation=conversation,
        direction=Direction.OUT,
        agent=agent,
        inbox=inbox,
        channel=inbox.kind,
        sender_name=agent.shown_name,
        sender_address=inbox.address,
        to=stored(answer.to),
        cc=stored(answer.cc),
        bcc=stored(answer.bcc),
        subject=subject_line(answer.subject) or reply_subject(conversation.subject),
        html=wording.html,
        text=wording.text,
        quoted_html=quoted,
        signature_html=signature_for(agent, conversation.brand),
        sanitiser=SANITISER_VERSION,
        identity=identity,
        token=reply_token,
        nonce=key,
        in_reply_to=last.identity if last else "",
        references=_references(last),
        created_at=now(),
    )
    insert(message)
    if move_files(agent, answer.attachment_ids, message=message):
        conversation.has_files = True
    return message


def _references(last: Message | None) -> str:
    if last is None:
        return ""
    chain = [*last.references.split(), last.identity]
    return " ".join(list(dict.fromkeys(identity for identity in chain if identity))[-20:])


def _bring_back(conversation: Conversation, agent: Agent, caused_by: Entry) -> None:
    """Take a conversation that is answered out of what is deleted or spam, where nobody would see more."""
    if conversation.deleted_at is not None:
        conversation.deleted_at = None
        append(conversation, "restored", Flagged(), actor=by_agent(agent), caused_by=caused_by)
    if conversation.spam:
        conversation.spam = False
        append(conversation, "spam.unmarked", Flagged(), actor=by_agent(agent), caused_by=caused_by)


def settle_after_sending(
    conversation: Conversation, message: Message, answer: Answer, agent: Agent, caused_by: Entry
) -> None:
    """Give a locked conversation the state that follows from an answer; the caller saves."""
    _bring_back(conversation, agent, caused_by)
    if conversation.assignee_id is None:
        change_assignee(conversation, agent, actor=by_agent(agent), caused_by=caused_by)
    conversation.waiting_since = None
    conversation.delivery_failed = undelivered(conversation)
    if answer.status is not None:
        change_status(conversation, answer.status, actor=by_agent(agent), caused_by=caused_by)
    elif conversation.status == Status.NEW:
        change_status(conversation, Status.OPEN, actor=by_agent(agent), caused_by=caused_by)
    conversation.last_message_at = message.created_at
    conversation.message_count += 1
    conversation.preview = preview_of(message.text)
