"""What happens to one thing that came in: the inbound steps in their order, each with its reason."""

from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from rapport.channels.ingest.copies import copy_of, side_copy_of
from rapport.channels.ingest.history import is_ours, take_old
from rapport.channels.ingest.placement import Tray, place
from rapport.channels.ingest.sender import person_of
from rapport.channels.ingest.sentences import sentence
from rapport.channels.ingest.signals import record_signal
from rapport.conversations.actions.receive import join_inbox, receive, receive_side
from rapport.conversations.models import Message, SideMessage
from rapport.conversations.queries import threading
from rapport.customers.queries.people import is_blocked
from rapport.inboxes.addresses import is_one_of
from rapport.inboxes.contract import InboundMessage, InboundSignal, MailRefused, Verdict
from rapport.inboxes.models import Outcome, RawInbound
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.inboxes.registry import channel
from rapport.kernel.db.prepared import prepared
from rapport.kernel.files.models import StoredFile
from rapport.kernel.sentences import kept
from rapport.kernel.stream.models import Origin
from rapport.staff.models import Account

LONGEST_REASON = 500
_FORM = "form"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of a raw row, with the reason that a person reads."""

    outcome: Outcome
    reason: str = ""
    verdicts: list[dict[str, object]] = field(default_factory=list)
    shown_from: str = ""
    shown_subject: str = ""
    candidate: int | None = None


def take_in(
    raw: RawInbound, item: InboundMessage | InboundSignal | MailRefused, files: list[StoredFile]
) -> Settled:
    """Take one parsed item in, inside the caller's transaction, and say what became of it."""
    if isinstance(item, MailRefused):
        return Settled(outcome=Outcome.REFUSED, reason=item.reason, shown_from=raw.envelope_from)
    if isinstance(item, InboundSignal):
        return _settle_signal(raw, item)
    item = _judged(item)
    for step in (_stop_on_verdict, _stop_on_staff, _stop_on_copy, _stop_on_automatic):
        settled = step(raw, item)
        if settled is not None:
            return settled
    return _take_message(raw, item, files)


def _settle_signal(raw: RawInbound, signal: InboundSignal) -> Settled:
    found = channel(raw.inbox.kind).take_signal(signal, raw) or record_signal(raw, signal)
    return Settled(
        outcome=Outcome.NOTED,
        reason=signal.reason if found else sentence("fits_nothing", said=signal.reason),
        verdicts=_stored(signal.verdicts),
        shown_from=signal.sender.value,
        shown_subject=signal.subject,
    )


def _stop_on_verdict(_raw: RawInbound, inbound: InboundMessage) -> Settled | None:
    for verdict in inbound.verdicts:
        if verdict.kind == "loop":
            return _kept(Outcome.NOTED, verdict.reason, inbound)
    return None


def _stop_on_staff(raw: RawInbound, inbound: InboundMessage) -> Settled | None:
    """Keep mail in our own name out of public threads: a person decides what it is.

    The inbox's form may send by any name, and a group sends by our own; theirs is that of the customer in it.
    """
    if raw.origin == "import" or inbound.customer_rule == _FORM:
        return None
    address = (inbound.customer if inbound.relayed else inbound.sender).value.lower()
    if is_one_of(address, own_addresses()):
        return _kept(Outcome.QUARANTINED, sentence("own_inbox"), inbound)
    if _staff(address):
        return _kept(Outcome.QUARANTINED, sentence("staff"), inbound)
    return None


@prepared
def _staff(address: str) -> QuerySet[Account, int]:
    return Account.objects.filter(email=address).values_list("pk", flat=True)


def _stop_on_copy(raw: RawInbound, inbound: InboundMessage) -> Settled | None:
    """Join the copies of one mail that reached several of our inboxes into one conversation."""
    copy = copy_of(raw, inbound)
    if copy is None:
        return None
    join_inbox(conversation_id=copy.conversation_id, inbox=raw.inbox)
    return _kept_as(copy, raw, inbound)


def _stop_on_automatic(raw: RawInbound, inbound: InboundMessage) -> Settled | None:
    """Keep automatic replies that answer nothing of ours off the lists, but visible."""
    verdict = next((each for each in inbound.verdicts if each.kind == "automatic"), None)
    if verdict is None or not inbound.automatic:
        return None
    answers = any(hint.kind != "number" for hint in inbound.hints)
    sort = _automatic_sort(inbound)
    # A shop's or a form's own mail is machine-made too (RFC 3834 auto-generated), but it is no reply; and a
    # subject alone keeps nobody off the lists.
    if sort == "titled" or (sort == "generated" and not answers):
        return None
    found = place(raw, inbound)
    if isinstance(found, SideMessage) or (not isinstance(found, Tray) and found.conversation_id):
        return None
    return _kept(Outcome.NOTED, verdict.reason, inbound)


def _take_message(raw: RawInbound, inbound: InboundMessage, files: list[StoredFile]) -> Settled:
    if raw.origin == Origin.IMPORT:
        return _take_old(raw, inbound, files)
    found = place(raw, inbound)
    if isinstance(found, Tray):
        return _kept(Outcome.QUARANTINED, found.reason, inbound, candidate=found.candidate)
    if isinstance(found, SideMessage):
        return _take_side(raw, _as_answered(inbound), files, found)
    if found.conversation_id is not None:
        inbound = _as_answered(inbound)
    customer, identity = person_of(inbound.customer, at=raw.received_at)
    receive(
        raw=raw,
        inbound=inbound,
        files=files,
        customer=customer,
        identity=identity,
        placement=found,
        at=raw.received_at,
    )
    return _kept(Outcome.PARSED, "", inbound)


def _take_old(raw: RawInbound, inbound: InboundMessage, files: list[StoredFile]) -> Settled:
    # Mail servers keep what they send for us: the Sent folder holds answers that stand here from the first.
    own = own_addresses()
    ours = is_ours(raw, inbound, own)
    sent = threading.sent_as(inbound.provider_id) if ours else None
    if sent is not None:
        return _kept_as(sent, raw, inbound)
    if take_old(raw, inbound, files, own=own, ours=ours) is None:
        return _kept(Outcome.NOTED, sentence("to_ourselves"), inbound)
    return _kept(Outcome.PARSED, "", inbound)


def _as_answered(inbound: InboundMessage) -> InboundMessage:
    """Count what answers us and may be from another desk for a person's word: unseen it would be lost."""
    return replace(inbound, automatic=False) if _automatic_sort(inbound) == "generated" else inbound


def _automatic_sort(inbound: InboundMessage) -> str:
    verdict = next((each for each in inbound.verdicts if each.kind == "automatic"), None)
    return str(verdict.details.get("sort", "reply")) if verdict else ""


def _take_side(
    raw: RawInbound, inbound: InboundMessage, files: list[StoredFile], answered: SideMessage
) -> Settled:
    copy = side_copy_of(raw, inbound, answered)
    if copy is not None:
        return _kept_as(copy, raw, inbound)
    receive_side(raw=raw, inbound=inbound, files=files, answered=answered, at=raw.received_at)
    return _kept(Outcome.PARSED, sentence("answers_forward"), inbound)


def _judged(inbound: InboundMessage) -> InboundMessage:
    """Add what our own records say of the sender to the channel's verdicts."""
    for address in dict.fromkeys((inbound.sender.value, inbound.customer.value)):
        if is_blocked(address):
            verdict = Verdict(kind="blocked", reason=sentence("blocked", address=address))
            return replace(inbound, verdicts=(*inbound.verdicts, verdict))
    return inbound


def _kept(outcome: Outcome, reason: str, inbound: InboundMessage, *, candidate: int | None = None) -> Settled:
    return Settled(
        outcome=outcome,
        reason=reason,
        verdicts=_stored(inbound.verdicts),
        shown_from=f"{inbound.sender.name} <{inbound.sender.value}>"
        if inbound.sender.name
        else inbound.sender.value,
        shown_subject=inbound.subject,
        candidate=candidate,
    )


def _kept_as(copy: Message | SideMessage, raw: RawInbound, inbound: InboundMessage) -> Settled:
    elsewhere = copy.direction == "in" and copy.inbox_id != raw.inbox_id
    reason = sentence("copy" if elsewhere else "here_already", number=copy.conversation.number)
    verdicts = (Verdict(kind="duplicate", reason=reason), *inbound.verdicts)
    return _kept(Outcome.DUPLICATE, reason, replace(inbound, verdicts=verdicts))


def _stored(verdicts: tuple[Verdict, ...]) -> list[dict[str, object]]:
    return [{"kind": verdict.kind, "reason": kept(verdict.reason, LONGEST_REASON)} for verdict in verdicts]
