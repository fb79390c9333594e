"""Conflict tokens: what happened since the screen was drawn that a write must not run over."""

from collections.abc import Callable

from rapport.conversations.models import Conversation, Entry
from rapport.staff.models import Agent


class Conflict(Exception):
    """An act since the last entry shown speaks against this write; nothing was changed."""

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
    "tags": frozenset({"tags.changed"}),
    "spam": frozenset({"spam.marked", "spam.unmarked"}),
    "delete": frozenset({"deleted", "restored"}),
}

_ALSO_OWN = frozenset({"person.changed", "message.sent"})
"""Whoever says who the customer is, or answers, may have an answer open on another screen, half written."""


def check(
    conversation: Conversation,
    *,
    act: str,
    token: int | None,
    agent: Agent | None,
    answered: int = 0,
    about: Callable[[Entry], bool] = lambda _: True,
) -> None:
    """Raise ``Conflict`` where an entry after seq ``token`` speaks against ``act``.

    ``token`` None is a write without a token (bulk acts, rules). Of the agent's own entries only answers
    conflict, and what changes whom one goes to, and those only after seq ``answered``: up to there the form
    that asks has written itself. ``about`` picks the entries that matter, where a kind says several things.
    Call it under the conversation's lock.
    """
    if token is None or token >= conversation.last_seq:
        return
    since = Entry.objects.filter(conversation=conversation, seq__gt=token, kind__in=CONFLICTS[act]).order_by(
        "seq"
    )
    found = [
        entry
        for entry in since
        if about(entry) and not entry.tells_nobody and not _is_expected(entry, agent, answered)
    ]
    if found:
        raise Conflict(found)


def _is_expected(entry: Entry, agent: Agent | None, answered: int) -> bool:
    return _is_by(entry, agent) and (entry.kind not in _ALSO_OWN or entry.seq <= answered)


def _is_by(entry: Entry, agent: Agent | None) -> bool:
    return agent is not None and entry.actor_kind == "agent" and entry.actor_id == agent.pk
