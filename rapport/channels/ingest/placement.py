"""Deciding where a message belongs, with the reason for it.

Proof is our own signed token together with a participant as sender. A Message-ID of ours with a participant
is good enough; anything else is a hint: a new conversation that says what it may belong to, or the tray where
a person decides. No stranger comes into a thread unmarked, and no mail is lost.
"""

from dataclasses import dataclass

from rapport.channels.ingest.sentences import sentence
from rapport.conversations.actions.receive import Placement
from rapport.conversations.models import Conversation, SideMessage, Status
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries import threading
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import RawInbound
from rapport.inboxes.registry import channel
from rapport.kernel.sentences import Sentence


@dataclass(frozen=True)
class Tray:
    """A person must decide; ``candidate`` is the conversation it claims to belong to."""

    candidate: int
    reason: Sentence


def place(raw: RawInbound, inbound: InboundMessage) -> Placement | Tray | SideMessage:
    """Return where the message goes: a placement, the tray, or the side message that it answers."""
    by_token = _by_token(raw, inbound)
    if by_token is not None:
        return by_token
    by_chain = _by_chain(inbound)
    if by_chain is not None:
        return by_chain
    return _by_number(inbound) or _new(inbound)


def _by_token(raw: RawInbound, inbound: InboundMessage) -> Placement | Tray | SideMessage | None:
    adapter = channel(raw.inbox.kind)
    for hint in inbound.hints:
        if hint.kind != "token" or not adapter.verify_token(hint.value):
            continue
        side = threading.side_message_by_token(hint.value)
        if side is not None:
            return side
        message = threading.message_by_token(hint.value)
        if message is not None:
            return _answer(message.conversation, inbound, proof=True)
    return None


def _by_chain(inbound: InboundMessage) -> Placement | Tray | None:
    identities = [hint.value for hint in inbound.hints if hint.kind in {"own_id", "foreign_id"}]
    message = threading.message_by_identities(identities)
    if message is None:
        return None
    if message.direction == "out" or threading.takes_part(message.conversation, inbound.customer.value):
        return _answer(message.conversation, inbound, proof=False)
    return _new(inbound, maybe=message.conversation, code="foreign_thread")


def _answer(conversation: Conversation, inbound: InboundMessage, *, proof: bool) -> Placement | Tray:
    known = _names_participant(conversation, inbound)
    # Anybody can write a participant's address into Reply-To; only the sender can be vouched for.
    unverified = not threading.takes_part(conversation, inbound.sender.value)
    if inbound.authentic is False:
        return Tray(conversation.pk, sentence("not_authentic"))
    if conversation.deleted_at is not None or conversation.status == Status.CLOSED:
        if known:
            return Placement(follow_up_id=conversation.pk, why=_why("follow_up", conversation))
        return _new(inbound, maybe=conversation, code="closed_unknown")
    if known:
        why = _why("token" if proof else "own_id", conversation)
        return Placement(conversation_id=conversation.pk, unverified=unverified, why=why)
    if proof:
        return Placement(
            conversation_id=conversation.pk, unverified=True, why=_why("token_new_address", conversation)
        )
    return Tray(conversation.pk, sentence("unknown_sender"))


def _by_number(inbound: InboundMessage) -> Placement | None:
    for hint in inbound.hints:
        if hint.kind != "number" or not hint.value.isdigit() or len(hint.value) > 12:
            continue
        conversation = Conversation.objects.filter(pk=int(hint.value) - FIRST_NUMBER).first()
        if conversation is None or conversation.deleted_at is not None:
            continue
        if not threading.takes_part(conversation, inbound.sender.value):
            continue
        if inbound.authentic and conversation.status != Status.CLOSED:
            return Placement(conversation_id=conversation.pk, why=_why("number", conversation))
        return _new(inbound, maybe=conversation, code="number_hint")
    return None


def _new(inbound: InboundMessage, *, maybe: Conversation | None = None, code: str = "new") -> Placement:
    spam = any(verdict.kind in {"spam", "blocked"} for verdict in inbound.verdicts)
    if maybe is None:
        return Placement(spam=spam, why=[{"code": code}])
    return Placement(spam=spam, maybe_id=maybe.pk, why=_why(code, maybe))


def _names_participant(conversation: Conversation, inbound: InboundMessage) -> bool:
    return threading.takes_part(conversation, inbound.customer.value) or threading.takes_part(
        conversation, inbound.sender.value
    )


def _why(code: str, conversation: Conversation) -> list[dict[str, str]]:
    return [{"code": code, "number": str(conversation.number)}]
