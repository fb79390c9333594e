"""What a person decides about a raw row in a tray."""

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.channels.ingest.content import content_of
from rapport.channels.ingest.sentences import sentence
from rapport.channels.ingest.steps import LONGEST_REASON
from rapport.conversations.actions.receive import Placement, receive
from rapport.customers.actions.identify import identify
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.models import Outcome, RawInbound
from rapport.inboxes.registry import channel
from rapport.kernel.clock import now
from rapport.kernel.files.storage import store
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import wake
from rapport.kernel.sentences import kept
from rapport.staff.models import Agent

_UNDECIDED = (Outcome.QUARANTINED, Outcome.NOTED, Outcome.DUPLICATE, Outcome.DISMISSED)


class CannotPlace(Exception):
    """The raw row holds no message that could stand in a conversation; the message says why."""


def place_by_hand(*, agent: Agent, raw: RawInbound, conversation_id: int | None) -> int:
    """Put the message of a raw row into this conversation, or a new one; returns the conversation's id.

    The caller has checked that the agent may see the conversation and may empty trays.

    Raises:
        CannotPlace: there is no message in it, or somebody decided already.

    """
    message = next(
        (i for i in channel(raw.inbox.kind).parse(content_of(raw), raw) if isinstance(i, InboundMessage)),
        None,
    )
    if message is None:
        raise CannotPlace(_("There is no readable message in it. The original is kept."))
    files = [store(file.content, name=file.name, content_type=file.content_type) for file in message.files]
    with transaction.atomic():
        # Two leads may click at once: the one that changes the row decides.
        decided = RawInbound.objects.filter(pk=raw.pk, outcome__in=_UNDECIDED).update(
            outcome=Outcome.PARSED, reason=kept(sentence("placed", name=agent.name), LONGEST_REASON)
        )
        if not decided:
            raise CannotPlace(_("Somebody has decided about it already."))
        known = identify(value=message.customer.value, name=message.customer.name, at=now())
        written = receive(
            raw=raw,
            inbound=message,
            files=files,
            customer=known.customer,
            identity=known.identity,
            placement=Placement(
                conversation_id=conversation_id,
                unverified=conversation_id is not None,
                why=[{"code": "by_hand"}],
            ),
            at=raw.received_at,
        )
    return written.conversation_id


def dismiss(*, agent: Agent, raw: RawInbound) -> None:
    """Say that a raw row needs nothing. It stays, and can be placed later."""
    RawInbound.objects.filter(pk=raw.pk).exclude(outcome=Outcome.PARSED).update(
        outcome=Outcome.DISMISSED, reason=kept(sentence("dismissed", name=agent.name), LONGEST_REASON)
    )


def retry(*, raw: RawInbound) -> None:
    """Read a refused or unreadable row again, by the limits and rules of now."""
    with transaction.atomic():
        changed = RawInbound.objects.filter(pk=raw.pk, outcome__in=[Outcome.REFUSED, Outcome.POISON]).update(
            state=State.QUEUED, run_at=now(), attempts=0, outcome=Outcome.WAITING, reason=""
        )
        if changed:
            wake("ingest")
