"""What can be done to many conversations at once: one table, from the form field to what takes it back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.conversations.actions.organise import set_priority
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.snooze import snooze, wake
from rapport.conversations.actions.spam import mark_spam
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.models import Conversation, Priority, Status
from rapport.workspace.holders import assigning
from rapport.workspace.requests import AgentRequest, still
from rapport.workspace.snoozing import moment_of
from rapport.workspace.undoing import Step, holder_of, until_of

Doing = Callable[..., Conversation]
"""An action that still wants to know who does it, to which conversation, and what they had seen."""
Changed = list[tuple[Conversation, Conversation]]
"""Conversations before an act and after it."""


@dataclass(frozen=True)
class ActOnMany:
    """One act: the field that asks for it, and everything that depends on which one it is.

    ``doing`` reads the form, and raises ``ValueError`` where it cannot be understood; ``has`` reads what the
    act changes of a conversation; ``again`` is asked only where it has changed any.
    """

    field: str
    doing: Callable[[AgentRequest], Doing]
    has: Callable[[Conversation], object]
    words: Callable[[int, str, Conversation], str]
    again: Callable[[Changed], list[Step]]

    def changed(self, before: Conversation, after: Conversation) -> bool:
        """Tell whether the act made a difference to a conversation, which may have been so already."""
        return self.has(before) != self.has(after)


def act_of(posted: QueryDict) -> ActOnMany | None:
    """Return the act that a form asks for; None where it asks for none that we know."""
    return next((act for act in ACTS if act.field in posted), None)


def _status(request: AgentRequest) -> Doing:
    return partial(set_status, status=Status(request.POST["status"]), only_from=still(request))


def _status_words(done: int, value: str, _after: Conversation) -> str:
    if value == Status.SOLVED:
        words = ngettext("%(done)s conversation solved", "%(done)s conversations solved", done)
        return words % {"done": done}
    return _set_to(done, str(Status(value).label))


def _status_again(changed: Changed) -> list[Step]:
    slept = [old for old, new in changed if old.snoozed_until is not None and new.snoozed_until is None]
    given = ("only_from", changed[0][1].status)
    steps = _again("status", _before(changed), lambda each: each.status, given)
    return steps + _again("until_at", slept, until_of)


def _tag(request: AgentRequest) -> Doing:
    return partial(change_tags, add=[request.POST["tag"]])


def _tag_words(done: int, value: str, _after: Conversation) -> str:
    words = ngettext(
        "%(done)s conversation tagged “%(name)s”", "%(done)s conversations tagged “%(name)s”", done
    )
    return words % {"done": done, "name": value}


def _tag_again(changed: Changed) -> list[Step]:
    return _again_by("untag", ((old, set(new.tag_names) - set(old.tag_names)) for old, new in changed))


def _untag(request: AgentRequest) -> Doing:
    return partial(change_tags, remove=[request.POST["untag"]])


def _untag_words(done: int, value: str, _after: Conversation) -> str:
    words = ngettext(
        "Tag “%(name)s” removed from %(done)s conversation",
        "Tag “%(name)s” removed from %(done)s conversations",
        done,
    )
    return words % {"done": done, "name": value}


def _untag_again(changed: Changed) -> list[Step]:
    return _again_by("tag", ((old, set(old.tag_names) - set(new.tag_names)) for old, new in changed))


def _snooze(request: AgentRequest) -> Doing:
    return partial(snooze, until=moment_of(request.POST["until_at"])) if request.POST["until_at"] else wake


def _snooze_words(done: int, value: str, _after: Conversation) -> str:
    if value:
        words = ngettext("%(done)s conversation snoozed", "%(done)s conversations snoozed", done)
    else:
        words = ngettext("%(done)s conversation woken", "%(done)s conversations woken", done)
    return words % {"done": done}


def _team_words(done: int, _value: str, after: Conversation) -> str:
    return _assigned_to(done, after.team.name)


def _team_again(changed: Changed) -> list[Step]:
    """Return one request for each person who had some: a team alone may take them from its person."""
    held: dict[str, list[Conversation]] = {}
    for each in _before(changed):
        held.setdefault(holder_of(each), []).append(each)
    steps = (_again("team", had, _team_of, ("agent", holder)) for holder, had in held.items())
    return [step for some in steps for step in some]


def _team_of(each: Conversation) -> str:
    return str(each.team_id)


def _agent_words(done: int, _value: str, after: Conversation) -> str:
    return _assigned_to(done, after.assignee.name if after.assignee else _("nobody"))


def _priority(request: AgentRequest) -> Doing:
    return partial(set_priority, priority=Priority(int(request.POST["priority"])))


def _priority_words(done: int, _value: str, after: Conversation) -> str:
    return _set_to(done, str(Priority(after.priority).label))


def _spam(request: AgentRequest) -> Doing:
    return partial(mark_spam, spam=request.POST["spam"] != "0")


def _spam_words(done: int, _value: str, after: Conversation) -> str:
    if after.spam:
        words = ngettext(
            "%(done)s conversation marked as spam", "%(done)s conversations marked as spam", done
        )
    else:
        words = ngettext(
            "%(done)s conversation taken out of spam", "%(done)s conversations taken out of spam", done
        )
    return words % {"done": done}


def _assigned_to(done: int, name: str) -> str:
    words = ngettext(
        "%(done)s conversation assigned to %(name)s", "%(done)s conversations assigned to %(name)s", done
    )
    return words % {"done": done, "name": name}


def _set_to(done: int, name: str) -> str:
    words = ngettext(
        "%(done)s conversation set to “%(name)s”", "%(done)s conversations set to “%(name)s”", done
    )
    return words % {"done": done, "name": name}


def _before(changed: Changed) -> list[Conversation]:
    return [old for old, _new in changed]


def _back(field: str, value: Callable[[Conversation], str]) -> Callable[[Changed], list[Step]]:
    """Return what brings back of each conversation the ``value`` that it had."""
    return lambda changed: _again(field, _before(changed), value)


def _again(
    field: str, before: list[Conversation], old: Callable[[Conversation], str], *more: tuple[str, str]
) -> list[Step]:
    """Return one request for each old value."""
    return _again_by(field, ((each, {old(each)}) for each in before), *more)


def _again_by(
    field: str, values: Iterable[tuple[Conversation, set[str]]], *more: tuple[str, str]
) -> list[Step]:
    """Return one request for each value, with all conversations that it is to be given to."""
    kept: dict[str, list[tuple[str, str]]] = {}
    for each, given in values:
        for value in sorted(given):
            numbered = (("number", str(each.number)), ("token", str(each.last_seq)))
            kept.setdefault(value, []).extend(numbered)
    return [Step("/bulk", ((field, value), *more, *numbers)) for value, numbers in kept.items()]


ACTS = (
    ActOnMany("status", _status, lambda each: each.status, _status_words, _status_again),
    ActOnMany("tag", _tag, lambda each: each.tag_names, _tag_words, _tag_again),
    ActOnMany("untag", _untag, lambda each: each.tag_names, _untag_words, _untag_again),
    ActOnMany("until_at", _snooze, until_of, _snooze_words, _back("until_at", until_of)),
    ActOnMany("team", assigning, lambda each: each.team_id, _team_words, _team_again),
    ActOnMany("agent", assigning, holder_of, _agent_words, _back("agent", holder_of)),
    ActOnMany(
        "priority",
        _priority,
        lambda each: each.priority,
        _priority_words,
        _back("priority", lambda each: str(each.priority)),
    ),
    ActOnMany(
        "spam", _spam, lambda each: each.spam, _spam_words, _back("spam", lambda each: str(int(each.spam)))
    ),
)
