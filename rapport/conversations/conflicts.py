"""Conflict tokens: what happened since the screen was drawn that a write must not run over."""

from rapport.conversations.models import Conversation, Entry
from rapport.staff.models import Agent


class Conflict(Exception):
    """Somebody else's act since the last entry shown speaks against this write; nothing was changed."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__("conflicting entries since the last one shown")
        self.entries = entries


CONFLICTS: dict[str, frozenset[str]] = {
    "reply": frozenset({"message.received", "message.sent", "person.changed"}),
    "forward": frozenset({"message.received", "side.sent"}),
    "answer_side": frozenset({"side.received", "side.sent"}),
    "assign": frozenset({"assigned", "team.changed"}),
    "status": frozenset({"status.changed"}),
    "snooze": frozenset({"snoozed", "woken", "status.changed"}),
    "subject": frozenset({"subject.changed"}),
    "priority": frozenset({"priority.changed"}),
    "kind": frozenset({"kind.changed"}),
}

_ALSO_OWN = frozenset({"person.changed"})
"""Whoever says who the customer is has an answer to the former one open, perhaps on another screen."""


def check(conversation: Conversation, *, act: str, token: int | None, agent: Agent | None) -> None:
    """Raise ``Conflict`` where an entry after seq ``token`` speaks against ``act``.

    ``token`` None is a write without a token (bulk acts, rules). Of the agent's own entries only those
    conflict that change whom an answer goes to. Call it under the conversation's lock.
    """
    if token is None or token >= conversation.last_seq:
        return
    since = Entry.objects.filter(conversation=conversation, seq__gt=token, kind__in=CONFLICTS[act]).order_by(
        "seq"
    )
    found = [
        entry
        for entry in since
        if not _tells_nobody(entry) and (entry.kind in _ALSO_OWN or not _is_by(entry, agent))
    ]
    if found:
        raise Conflict(found)


def _tells_nobody(entry: Entry) -> bool:
    return bool(entry.payload.get("automatic") or entry.payload.get("quiet"))


def _is_by(entry: Entry, agent: Agent | None) -> bool:
    return agent is not None and entry.actor_kind == "agent" and entry.actor_id == agent.pk
