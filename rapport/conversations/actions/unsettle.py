"""The status of a conversation whose answer is taken back: what rests on the answer falls with it."""

from itertools import takewhile

from django.db.models import QuerySet

from rapport.conversations.actions.set_status import change_status, told_by
from rapport.conversations.actions.snooze import begin_snooze
from rapport.conversations.actors import by_agent
from rapport.conversations.models import ENDED, Conversation, Entry, Status
from rapport.staff.models import Agent

_AMONG_THE_OPEN = frozenset({Status.NEW, Status.OPEN})


def unsettle(
    agent: Agent, conversation: Conversation, sent: Entry, withdrawn: Entry, *, waits: bool
) -> Entry | None:
    """Give a locked conversation the status from before an answer, as far as that was changed because of it.

    Returns the last change where a colleague made it, whether it stands or fell.
    """
    since = Entry.objects.filter(conversation=conversation, seq__gt=sent.seq)
    changes = list(since.filter(kind="status.changed").order_by("-seq"))
    theirs = _first_heard(since) if changes else None
    fallen = list(takewhile(lambda change: _rests(change, sent, agent, waits=waits, theirs=theirs), changes))
    if fallen:
        # What came with the answer alone goes with it unsaid; over anything else stands who changed it back.
        alone = all(change.caused_by == sent.pk for change in fallen)
        first = told_by(fallen[-1])
        cause, actor = withdrawn if alone else None, by_agent(agent)
        change_status(conversation, first.before, actor=actor, caused_by=cause, solved_at=first.solved_at)
        _snooze_again(agent, conversation, fallen, withdrawn)
    return changes[0] if changes and _is_of_a_colleague(changes[0], agent) else None


def _snooze_again(agent: Agent, conversation: Conversation, fallen: list[Entry], withdrawn: Entry) -> None:
    """Set the conversation aside as before; where that time has passed, the clock wakes it, and tells."""
    until = next((told.snoozed_until for told in map(told_by, fallen) if told.snoozed_until), None)
    if until is not None and conversation.snoozed_until is None and conversation.status not in ENDED:
        begin_snooze(conversation, until, actor=by_agent(agent), caused_by=withdrawn)


def _rests(change: Entry, sent: Entry, agent: Agent, *, waits: bool, theirs: Entry | None) -> bool:
    """Tell whether a status was set by the answer, or because the customer who ``waits`` seemed answered.

    Whoever set it after the customer wrote again (``theirs``) had read that. What a colleague parked is still
    seen by whoever looks after it; what is solved would be seen by nobody.
    """
    if change.caused_by == sent.pk:
        return True
    if not waits or (theirs is not None and theirs.seq < change.seq):
        return False
    status = change.payload["status"]
    return status in ENDED or (status not in _AMONG_THE_OPEN and not _is_of_a_colleague(change, agent))


def _first_heard(since: QuerySet[Entry]) -> Entry | None:
    """Return the customer's first message among entries; not a machine's or a blocked address's."""
    heard = since.filter(kind="message.received").order_by("seq")
    return next((each for each in heard if not each.tells_nobody), None)


def _is_of_a_colleague(change: Entry, agent: Agent) -> bool:
    return change.actor_kind == "agent" and change.actor_id != agent.pk
