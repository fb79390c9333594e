"""What happens to one thing that came in: the inbound steps in their order, each with its reason."""

from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from rapport.channels.ingest.history import take_old
from rapport.channels.ingest.placement import Tray, place
from rapport.channels.ingest.sentences import sentence
from rapport.channels.ingest.signals import record_signal
from rapport.conversations.actions.receive import join_inbox, receive, receive_side
from rapport.conversations.models import Message, SideMessage
from rapport.conversations.queries import threading
from rapport.conversations.subjects import LENGTH as SUBJECT_LENGTH
from rapport.conversations.wording import readable
from rapport.customers.actions.identify import identify
from rapport.customers.queries.people import is_blocked
from rapport.inboxes.contract import InboundMessage, InboundSignal, Refused, Verdict
from rapport.inboxes.models import Outcome, RawInbound
from rapport.inboxes.queries.own_addresses import own_addresses
from rapport.inboxes.registry import channel
from rapport.kernel.db.locks import lock_name
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
    raw: RawInbound, item: InboundMessage | InboundSignal | Refused, files: list[StoredFile]
) -> Settled:
    """Take one parsed item in, inside the caller's transaction, and say what became of it."""
    if isinstance(item, Refused):
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

    The inbox's form may send by any name; its mail is that of the customer in it.
    """
    address = inbound.sender.value.lower()
    if raw.origin == "import" or inbound.customer_rule == _FORM:
        return None
    if address in own_addresses():
        return _kept(Outcome.QUARANTINED, sentence("own_inbox"), inbound)
    if _staff(address):
        return _kept(Outcome.QUARANTINED, sentence("staff"), inbound)
    return None


@prepared
def _staff(address: str) -> QuerySet[Account, int]:
    return Account.objects.filter(email=address).values_list("pk", flat=True)


def _stop_on_copy(raw: RawInbound, inbound: InboundMessage) -> Settled | None:
    """Join the copies of one mail that reached several of our inboxes into one conversation."""
    lock_name(f"mail:{inbound.provider_id}")
    copy = threading.copy_of(inbound.provider_id)
    if copy is None or not _same_mail(copy, raw, inbound):
        return None
    join_inbox(conversation_id=copy.conversation_id, inbox=raw.inbox)
    return _kept_as(copy, inbound)


def _same_mail(copy: Message | SideMessage, raw: RawInbound, inbound: InboundMessage) -> bool:
    """Broken senders use a Message-ID twice: another inbox, and the same sender, subject and words."""
    if copy.raw is None or copy.inbox_id == raw.inbox_id:
        return False
    author = inbound.customer if isinstance(copy, Message) else inbound.sender
    theirs = (author.value[:320], inbound.subject[:SUBJECT_LENGTH], readable(inbound).text)
    return (copy.sender_address, copy.subject, copy.text) == theirs


def _stop_on_automatic(raw: RawInbound, inbound: InboundMessage) -> Settled | None:
    """Keep automatic replies that answer nothing of ours off the lists, but visible."""
    reason = next((v.reason for v in inbound.verdicts if v.kind == "automatic"), "")
    answers = any(hint.kind != "number" for hint in inbound.hints)
    # A shop's or a form's own mail is machine-made too (RFC 3834 auto-generated), but it is no reply.
    if not reason or ("auto-generated" in reason and not answers):
        return None
    found = place(raw, inbound)
    if isinstance(found, SideMessage) or (not isinstance(found, Tray) and found.conversation_id):
        return None
    return _kept(Outcome.NOTED, reason, inbound)


def _take_message(raw: RawInbound, inbound: InboundMessage, files: list[StoredFile]) -> Settled:
    if raw.origin == Origin.IMPORT:
        if take_old(raw, inbound, files) is None:
            return _kept(Outcome.NOTED, sentence("to_ourselves"), inbound)
        return _kept(Outcome.PARSED, "", inbound)
    found = place(raw, inbound)
    if isinstance(found, Tray):
        return _kept(Outcome.QUARANTINED, found.reason, inbound, candidate=found.candidate)
    if isinstance(found, SideMessage):
        return _take_side(raw, inbound, files, found)
    lock_name(f"identity:email:{inbound.customer.value.lower()}")
    known = identify(value=inbound.customer.value, name=inbound.customer.name, at=raw.received_at)
    receive(
        raw=raw,
        inbound=inbound,
        files=files,
        customer=known.customer,
        identity=known.identity,
        placement=found,
        at=raw.received_at,
    )
    return _kept(Outcome.PARSED, "", inbound)


def _take_side(
    raw: RawInbound, inbound: InboundMessage, files: list[StoredFile], answered: SideMessage
) -> Settled:
    copy = threading.side_copy_of(answered, inbound.provider_id)
    if copy is not None and _same_mail(copy, raw, inbound):
        return _kept_as(copy, inbound)
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
        shown_from=f"{inbound.sender.name} <{inbound.sender.value}>".strip(),
        shown_subject=inbound.subject,
        candidate=candidate,
    )


def _kept_as(copy: Message | SideMessage, inbound: InboundMessage) -> Settled:
    reason = sentence("copy", number=copy.conversation.number)
    return _kept(Outcome.DUPLICATE, reason, inbound)


def _stored(verdicts: tuple[Verdict, ...]) -> list[dict[str, object]]:
    return [{"kind": verdict.kind, "reason": kept(verdict.reason, LONGEST_REASON)} for verdict in verdicts]
