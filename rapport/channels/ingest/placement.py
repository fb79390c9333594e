"""Deciding where a message belongs, with the reason for it.

Proof is our own signed token together with a participant as sender. A Message-ID of ours with a participant
is good enough; anything else is a hint: a new conversation that says what it may belong to, or the tray where
a person decides. No stranger comes into a thread unmarked, and no mail is lost.
"""

from dataclasses import dataclass

from rapport.channels.ingest.doubt import doubt
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
    conversation, writer = message.conversation, inbound.customer.value
    if (
        message.direction == "out"
        or threading.takes_part(conversation, writer)
        or threading.was_copied(conversation, writer)
    ):
        return _answer(conversation, inbound, proof=False)
    return _new(inbound, maybe=message.conversation, code="foreign_thread")


def _answer(conversation: Conversation, inbound: InboundMessage, *, proof: bool) -> Placement | Tray:
    known, verified = _participants(conversation, inbound)
    if inbound.authentic is False:
        return Tray(conversation.pk, sentence("not_authentic"))
    if conversation.deleted_at is not None or conversation.status == Status.CLOSED:
        if known:
            return Placement(
                follow_up_id=conversation.pk,
                unverified=not verified,
                spam=_is(inbound, "blocked"),
                why=_why("follow_up", conversation),
            )
        return _new(inbound, maybe=conversation, code="closed_unknown")
    if _hidden(conversation, inbound):
        return _new(inbound, maybe=conversation, code="spam_thread")
    if known:
        return _joins(conversation, inbound, "token" if proof else "own_id", unverified=not verified)
    if proof:
        return _joins(conversation, inbound, "token_new_address", unverified=True)
    if threading.was_copied(conversation, inbound.customer.value):
        return _joins(conversation, inbound, "copied", unverified=True)
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
        if _hidden(conversation, inbound):
            return _new(inbound, maybe=conversation, code="spam_thread")
        if inbound.authentic and conversation.status != Status.CLOSED:
            unverified = not threading.takes_part(conversation, inbound.customer.value)
            return _joins(conversation, inbound, "number", unverified=unverified)
        return _new(inbound, maybe=conversation, code="number_hint")
    return None


def _hidden(conversation: Conversation, inbound: InboundMessage) -> bool:
    """Tell whether nobody would see it there: nothing but spam belongs to what was marked as spam."""
    return conversation.spam and not _is(inbound, "spam", "blocked")


def _joins(conversation: Conversation, inbound: InboundMessage, code: str, *, unverified: bool) -> Placement:
    """Place it in the conversation; from a blocked address it stands there, but opens and tells nothing."""
    blocked = _is(inbound, "blocked")
    why = [*_why(code, conversation), *([{"code": "blocked"}] if blocked else [])]
    return Placement(conversation_id=conversation.pk, unverified=unverified, spam=blocked, why=why)


def _new(inbound: InboundMessage, *, maybe: Conversation | None = None, code: str = "new") -> Placement:
    doubted = doubt(inbound)
    why = [{"code": code}] if maybe is None else _why(code, maybe)
    return Placement(
        maybe_id=maybe.pk if maybe else None,
        spam=_is(inbound, "spam", "blocked"),
        unverified=bool(doubted),
        why=[*why, *([{"code": doubted}] if doubted else [])],
    )


def _participants(conversation: Conversation, inbound: InboundMessage) -> tuple[bool, bool]:
    """Return whether the sender or whom answers go to takes part, and whether both do.

    Anybody can write a participant's address into Reply-To, and a stranger's beside a participant's From; the
    two that were believed once belong together.
    """
    customer = inbound.customer.value
    author = customer if inbound.relayed else inbound.sender.value
    parts = [threading.takes_part(conversation, address) for address in {author, customer}]
    verified = all(parts) or (any(parts) and threading.wrote_before(conversation, customer, author))
    return any(parts), verified


def _is(inbound: InboundMessage, *kinds: str) -> bool:
    return any(verdict.kind in kinds for verdict in inbound.verdicts)


def _why(code: str, conversation: Conversation) -> list[dict[str, str]]:
    return [{"code": code, "number": str(conversation.number)}]
