"""What a person decides about a raw row in a tray."""

from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from rapport.channels.ingest.content import message_in
from rapport.channels.ingest.copies import copy_of
from rapport.channels.ingest.doubt import doubt
from rapport.channels.ingest.sender import person_of
from rapport.channels.ingest.sentences import sentence
from rapport.channels.ingest.steps import LONGEST_REASON
from rapport.channels.ingest.trays import trays_moved
from rapport.conversations.actions.lock import lock
from rapport.conversations.actions.receive import Placement, join_inbox, receive
from rapport.conversations.models import Message, Status
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import WITHHELD, Outcome, RawInbound
from rapport.kernel.clock import now
from rapport.kernel.files.storage import Damaged, store
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import wake
from rapport.kernel.sentences import kept
from rapport.staff.models import Agent

_UNDECIDED = (Outcome.QUARANTINED, Outcome.NOTED, Outcome.DUPLICATE, Outcome.DISMISSED)
_UNREADABLE = (Outcome.REFUSED, Outcome.POISON)
_RETRYABLE = (*_UNREADABLE, Outcome.DISMISSED)
_REPORTS = frozenset({"bounce", "complaint"})


class CannotPlace(Exception):
    """The raw row holds no message that could stand in a conversation; the message says why."""


def is_readable(raw: RawInbound) -> bool:
    """Tell whether a screen may read it: it is here, over no limit, and did not end the program that read it.

    That it was dismissed makes no mail harmless.
    """
    return raw.state != State.FAILED and raw.outcome not in _UNREADABLE and raw.source != WITHHELD


def place_by_hand(*, agent: Agent, raw: RawInbound, conversation_id: int | None) -> int:
    """Put the message of a raw row into this conversation, or a new one; returns the conversation's id.

    Whatever it was taken for, a person now says that it is a message. Into a closed or deleted conversation
    comes nothing that anybody would see: it begins a new one, linked with that. A mail that another inbox got
    too stands where that copy stands, and not twice.

    The caller has checked that the agent may see the conversation and may empty trays.

    Raises:
        CannotPlace: there is no message in it, its file is damaged, it is being read, or somebody
            decided already.

    """
    message = _message(raw)
    files = [store(file.content, name=file.name, content_type=file.content_type) for file in message.files]
    with transaction.atomic():
        # Two leads may click at once: the one that changes the row decides.
        decided = RawInbound.objects.filter(pk=raw.pk, outcome__in=_UNDECIDED).update(
            outcome=Outcome.PARSED, reason=kept(sentence("placed", name=agent.name), LONGEST_REASON)
        )
        if not decided:
            raise CannotPlace(_("Somebody has decided about it already."))
        trays_moved(raw.inbox)
        if raw.outcome != Outcome.DUPLICATE and (copy := copy_of(raw, message)):
            return _join_copy(raw, copy)
        # The sender before the conversation, as ingest locks them; else two could wait for each other.
        customer, identity = person_of(message.customer, at=now())
        placement = _placement(conversation_id, doubt(message))
        written = receive(
            raw=raw,
            inbound=replace(message, automatic=False),
            files=files,
            customer=customer,
            identity=identity,
            placement=placement,
            at=raw.received_at,
        )
    return written.conversation_id


def _message(raw: RawInbound) -> InboundMessage:
    if is_readable(raw) and raw.outcome == Outcome.WAITING:
        raise CannotPlace(_("The mail is being read at this moment. Look again shortly."))
    try:
        message = message_in(raw) if is_readable(raw) else None
    except Damaged:
        raise CannotPlace(_("The stored file of this mail is missing or damaged.")) from None
    if message is None:
        raise CannotPlace(_("There is no readable message in it. The original is kept."))
    return message


def _join_copy(raw: RawInbound, copy: Message) -> int:
    reason = kept(sentence("copy", number=copy.conversation.number), LONGEST_REASON)
    RawInbound.objects.filter(pk=raw.pk).update(outcome=Outcome.DUPLICATE, reason=reason)
    join_inbox(conversation_id=copy.conversation_id, inbox=raw.inbox)
    return copy.conversation_id


def _placement(conversation_id: int | None, doubted: str) -> Placement:
    why = [{"code": "by_hand"}, *([{"code": doubted}] if doubted else [])]
    if conversation_id is None:
        return Placement(unverified=bool(doubted), why=why)
    conversation = lock(conversation_id)
    if conversation.deleted_at is not None or conversation.status == Status.CLOSED:
        return Placement(follow_up_id=conversation_id, unverified=bool(doubted), why=why)
    return Placement(conversation_id=conversation_id, unverified=True, why=why)


def dismiss(*, agent: Agent, raw: RawInbound) -> None:
    """Say that a raw row needs nothing. It stays, and can be placed or read again later."""
    reason = kept(sentence("dismissed", name=agent.name), LONGEST_REASON)
    with transaction.atomic():
        undecided = RawInbound.objects.filter(pk=raw.pk).exclude(outcome=Outcome.PARSED)
        if undecided.update(outcome=Outcome.DISMISSED, reason=reason):
            trays_moved(raw.inbox)


def is_retryable(raw: RawInbound) -> bool:
    """Tell whether it can be read again: what could not be taken in, was dismissed, or is not here at all.

    A report was understood at the first time, and would bring back what has been settled since.
    """
    if any(verdict["kind"] in _REPORTS for verdict in raw.verdicts):
        return False
    return raw.outcome in _RETRYABLE or (raw.outcome == Outcome.NOTED and raw.source == WITHHELD)


def retry(*, raw: RawInbound) -> None:
    """Read again what could not be read or was dismissed, by the limits and rules of now."""
    if not is_retryable(raw):
        return
    noted = Q(outcome=Outcome.NOTED, source=WITHHELD)
    with transaction.atomic():
        changed = RawInbound.objects.filter(noted | Q(outcome__in=_RETRYABLE), pk=raw.pk).update(
            state=State.QUEUED, run_at=now(), attempts=0, outcome=Outcome.WAITING, reason=""
        )
        if changed:
            trays_moved(raw.inbox)
            wake("ingest")
