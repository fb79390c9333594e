"""Taking a message from outside into a conversation: a known one, or a new one."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from rapport.conversations.actions.admit_copied import admit_copied
from rapport.conversations.actions.assign import free
from rapport.conversations.actions.create import create_conversation
from rapport.conversations.actions.lock import lock, revive
from rapport.conversations.actions.set_status import change_status
from rapport.conversations.actions.snooze import end_snooze
from rapport.conversations.actors import Actor, by_customer
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Flagged, Linked, Received, Sent, SideReceived
from rapport.conversations.latest import show_latest
from rapport.conversations.models import (
    Attachment,
    Bond,
    Conversation,
    ConversationInbox,
    ConversationLink,
    Message,
    Participant,
    SideMessage,
    Status,
)
from rapport.conversations.models.words import Direction
from rapport.conversations.recipients import stored
from rapport.conversations.subjects import LENGTH as SUBJECT_LENGTH
from rapport.conversations.timeline import append
from rapport.conversations.wording import readable
from rapport.customers.actions.identities import heard_from
from rapport.customers.models import Customer, Identity
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import Inbox, RawInbound
from rapport.kernel.db.rows import insert, insert_unless_taken
from rapport.kernel.files.models import StoredFile
from rapport.kernel.live.signal import signal
from rapport.kernel.stream.models import Origin
from rapport.kernel.text.sanitise import SANITISER_VERSION

_REOPENING = (Status.WAITING, Status.ON_HOLD, Status.SOLVED)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a message belongs and why. ``conversation_id`` None means a new conversation.

    ``unverified``: the sender is not proven to be the participant, or may not be the customer it names.
    ``maybe_id``: a conversation it may belong to. ``follow_up_id``: the closed one that it continues.
    ``spam``: a new conversation begins in the spam view, a known one is not opened by it. ``ours``: an old
    answer of ours, from an imported mailbox.
    ``why``: reasons as (code, detail).
    """

    conversation_id: int | None = None
    unverified: bool = False
    maybe_id: int | None = None
    follow_up_id: int | None = None
    spam: bool = False
    ours: bool = False
    why: list[dict[str, str]] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        """Tell whether it neither opens the known conversation, nor shows in lists, nor tells anybody."""
        return self.spam and self.conversation_id is not None


def receive(
    *,
    raw: RawInbound,
    inbound: InboundMessage,
    files: list[StoredFile],
    customer: Customer,
    identity: Identity | None,
    placement: Placement,
    at: datetime,
    shown_at: datetime | None = None,
) -> Message:
    """Write the message, its entry and the state that follows from it, in one transaction.

    ``files`` are the inbound files, stored already, in the same order. ``at`` is our receipt time, by which
    lists sort; the timeline may show another one, at which an old mail was written.
    """
    with transaction.atomic(savepoint=False):
        conversation = _conversation(raw, inbound, customer, identity, placement, at)
        message = _write(conversation, raw, inbound, customer, placement, at)
        _attach(message, inbound, files)
        _join(conversation, raw.inbox)
        _participants(conversation, inbound, identity, placement)
        _tell(conversation, message, customer, placement, shown_at or at)
        _link(conversation, placement, at)
        _count(conversation, inbound)
        if not placement.quiet:
            show_latest(conversation, message)
        if not (inbound.automatic or conversation.origin == "import" or placement.quiet):
            _open(conversation, message, by_customer(customer.pk))
        save_state(conversation)
    return message


def _tell(
    conversation: Conversation, message: Message, customer: Customer, placement: Placement, at: datetime
) -> None:
    if placement.ours:
        sent = Sent(message_id=message.pk, delivery_id=None)
        append(conversation, "message.sent", sent, occurred_at=at)
        return
    received = Received(
        message_id=message.pk,
        first=placement.conversation_id is None,
        automatic=message.automatic,
        unverified=placement.unverified,
        quiet=placement.quiet,
    )
    actor = by_customer(customer.pk)
    append(conversation, "message.received", received, actor=actor, occurred_at=at)


def receive_side(
    *, raw: RawInbound, inbound: InboundMessage, files: list[StoredFile], answered: SideMessage, at: datetime
) -> SideMessage:
    """Write the answer of a third party; it stays internal and brings the conversation back.

    What a machine or a blocked address answers is kept and shown, but brings nothing back.
    """
    quiet = inbound.automatic or any(verdict.kind == "blocked" for verdict in inbound.verdicts)
    with transaction.atomic():
        conversation = lock(answered.conversation_id)
        words = readable(inbound)
        side = SideMessage.objects.create(
            conversation=conversation,
            direction=Direction.IN,
            inbox=raw.inbox,
            raw=raw,
            sender_name=inbound.sender.name[:200],
            sender_address=inbound.sender.value[:320],
            to=stored(inbound.to),
            cc=stored(inbound.cc),
            subject=inbound.subject[:SUBJECT_LENGTH],
            html=words.signed_html,
            text=words.text,
            sanitiser=SANITISER_VERSION,
            identity=inbound.provider_id[:500],
            answered=answered,
            created_at=at,
        )
        Attachment.objects.bulk_create(
            _attachment(inbound_file, stored_file, side_message=side)
            for inbound_file, stored_file in zip(inbound.files, files, strict=True)
        )
        payload = SideReceived(side_message_id=side.pk, answered_id=answered.pk, quiet=quiet)
        append(conversation, "side.received", payload)
        if not quiet:
            show_latest(conversation, side)
            _bring_back(conversation)
        save_state(conversation)
    return side


def _bring_back(conversation: Conversation) -> None:
    """Show a conversation again, closed or deleted too: a third party's answer cannot begin another one."""
    if conversation.deleted_at is not None:
        conversation.deleted_at = None
        append(conversation, "restored", Flagged())
    if conversation.status in {*_REOPENING, Status.CLOSED}:
        change_status(conversation, Status.OPEN)
    end_snooze(conversation)
    free(conversation)


def join_inbox(*, conversation_id: int, inbox: Inbox) -> None:
    """Show a conversation in one more inbox that the same mail reached; its home inbox goes on answering."""
    with transaction.atomic():
        if ConversationInbox.objects.filter(conversation=conversation_id, inbox=inbox).exists():
            return
        conversation = lock(conversation_id)
        if _join(conversation, inbox) and conversation.origin == Origin.LIVE:
            signal(f"team:{inbox.team_id}", conversation.last_seq)


def _conversation(
    raw: RawInbound,
    inbound: InboundMessage,
    customer: Customer,
    identity: Identity | None,
    placement: Placement,
    at: datetime,
) -> Conversation:
    if placement.conversation_id is not None:
        conversation = lock(placement.conversation_id)
        if raw.origin == "live" and not placement.quiet:
            revive(conversation)
        return conversation
    imported = raw.origin == "import"
    return create_conversation(
        inbox=raw.inbox,
        customer=customer,
        identity=identity,
        subject=inbound.subject,
        at=at,
        origin=raw.origin,
        spam=placement.spam,
        status=Status.SOLVED if imported else Status.NEW,
    )


def _write(
    conversation: Conversation,
    raw: RawInbound,
    inbound: InboundMessage,
    customer: Customer,
    placement: Placement,
    at: datetime,
) -> Message:
    words = readable(inbound)
    author = inbound.sender if placement.ours else inbound.customer
    message = Message(
        conversation=conversation,
        direction=Direction.OUT if placement.ours else Direction.IN,
        customer=None if placement.ours else customer,
        inbox=raw.inbox,
        raw=raw,
        channel=raw.inbox.kind,
        sender_name=(author.name or inbound.sender.name)[:200],
        sender_address=author.value[:320],
        to=stored(inbound.to),
        cc=stored(inbound.cc),
        subject=inbound.subject[:SUBJECT_LENGTH],
        html=words.html,
        text=words.text,
        quoted_html=words.quoted_html,
        signature_html=words.signature_html,
        remote_images=words.remote_images,
        sanitiser=SANITISER_VERSION,
        identity=inbound.provider_id[:500],
        in_reply_to=next((h.value for h in inbound.hints if h.kind != "number"), "")[:500],
        references=" ".join(h.value for h in inbound.hints if h.kind in {"own_id", "foreign_id"})[:4000],
        automatic=inbound.automatic,
        unverified=placement.unverified,
        why=[*placement.why, *_forwarded(inbound), *_written_by(inbound)],
        created_at=at,
    )
    return insert(message)


def _forwarded(inbound: InboundMessage) -> list[dict[str, str]]:
    """Keep the original sender of a forwarded mail as an offer; a person decides who the customer is."""
    original = inbound.forwarded_from
    if original is None or original.value.lower() == inbound.customer.value.lower():
        return []
    return [{"code": "forwarded", "address": original.value[:320], "name": original.name[:200]}]


def _written_by(inbound: InboundMessage) -> list[dict[str, str]]:
    """Keep the address in From where another header named the customer: anybody can write such headers."""
    if inbound.sender.value.lower() in {"", inbound.customer.value.lower()}:
        return []
    return [{"code": "written_by", "address": inbound.sender.value[:320]}]


def _attach(message: Message, inbound: InboundMessage, files: list[StoredFile]) -> None:
    for inbound_file, stored_file in zip(inbound.files, files, strict=True):
        insert(_attachment(inbound_file, stored_file, message=message))


def _attachment(inbound_file: object, stored_file: StoredFile, **owner: object) -> Attachment:
    return Attachment(
        file=stored_file,
        name=stored_file.name,
        content_type=stored_file.content_type,
        size=stored_file.size,
        content_id=getattr(inbound_file, "content_id", "")[:255],
        inline=getattr(inbound_file, "inline", False),
        **owner,
    )


def _join(conversation: Conversation, inbox: Inbox) -> bool:
    """Tell whether the conversation stands in the inbox only from now on."""
    if conversation.inbox_id == inbox.pk:
        return False
    _place, joined = ConversationInbox.objects.get_or_create(
        conversation=conversation,
        inbox=inbox,
        defaults={
            "team_id": inbox.team_id,
            "brand_id": inbox.brand_id,
            "home": False,
            "folder": conversation.folder,
            "assigned": conversation.assignee_id is not None,
            "last_message_at": conversation.last_message_at,
        },
    )
    conversation.elsewhere = True
    return joined


def _participants(
    conversation: Conversation, inbound: InboundMessage, identity: Identity | None, placement: Placement
) -> None:
    if placement.ours or placement.spam or inbound.automatic or conversation.origin == "import":
        return
    if identity is not None and not placement.unverified:
        heard_from(identity)
    if placement.conversation_id is None or not placement.unverified:
        admit_copied(conversation, inbound)
        return
    if identity is None:
        return
    Participant.objects.get_or_create(
        conversation=conversation,
        address=identity.value,
        defaults={
            "name": inbound.sender.name[:200],
            "role": "cc",
            "pending": True,
            "since_seq": conversation.last_seq,
        },
    )


def _link(conversation: Conversation, placement: Placement, at: datetime) -> None:
    for other, kind in ((placement.follow_up_id, Bond.FOLLOW_UP), (placement.maybe_id, Bond.MAYBE)):
        if other is not None and other != conversation.pk:
            link = ConversationLink(source=conversation, target_id=other, kind=kind, created_at=at)
            insert_unless_taken(link, "source_id", "target_id", "kind")
            append(conversation, "linked", Linked(other_id=other, how=kind))
    if placement.follow_up_id is not None:
        continued = Linked(other_id=conversation.pk, how=Bond.CONTINUED)
        append(lock(placement.follow_up_id), "linked", continued)


def _count(conversation: Conversation, inbound: InboundMessage) -> None:
    conversation.message_count += 1
    conversation.has_files = conversation.has_files or any(not f.inline for f in inbound.files)


def _open(conversation: Conversation, message: Message, actor: Actor) -> None:
    conversation.waiting_since = conversation.waiting_since or message.created_at
    end_snooze(conversation, actor=actor, by_customer=True)
    if conversation.status in _REOPENING:
        change_status(conversation, Status.OPEN, actor=actor)
    free(conversation)
