"""One-line entries in words: who did what, with names."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.conversations.models import Bond, Entry, Kind, Priority, Status
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.thread import Thread
from rapport.kernel.stream.kinds import kind as kind_of
from rapport.kernel.web.moments import Moments


def sentence(entry: Entry, thread: Thread) -> str:
    """Return what an entry says after the actor's name."""
    special = _SPECIAL.get(entry.kind)
    return special(entry.payload, thread, entry) if special else str(kind_of(entry.kind).sentence)


def _name(thread: Thread, agent_id: int | None) -> str:
    agent = thread.agents.get(agent_id or 0)
    return agent.name if agent else _("somebody")


def _assigned(payload: dict[str, Any], thread: Thread, entry: Entry) -> str:
    agent_id = payload["agent_id"]
    if agent_id is None and entry.actor_kind == "agent" and entry.actor_id == payload["before_id"]:
        return _("gave this back")
    if agent_id is None:
        return _("took this from %(name)s") % {"name": _name(thread, payload["before_id"])}
    if entry.actor_kind == "agent" and entry.actor_id == agent_id:
        return _("took this")
    return _("gave this to %(name)s") % {"name": _name(thread, agent_id)}


def _team(payload: dict[str, Any], thread: Thread, _entry: Entry) -> str:
    team = thread.teams.get(payload["team_id"])
    return _("gave this to the team %(name)s") % {"name": team.name if team else "?"}


def _status(payload: dict[str, Any], _thread: Thread, entry: Entry) -> str:
    if entry.actor_kind == "customer":
        return _("reopened this by writing")
    return _("set the status to “%(status)s”") % {"status": Status(payload["status"]).label}


def _priority(payload: dict[str, Any], _thread: Thread, _entry: Entry) -> str:
    return _("set the priority to %(priority)s") % {"priority": Priority(payload["priority"]).label}


def _kind(payload: dict[str, Any], _thread: Thread, _entry: Entry) -> str:
    return _("set the kind of contact to %(kind)s") % {"kind": Kind(payload["kind"]).label}


def _subject(_payload: dict[str, Any], thread: Thread, entry: Entry) -> str:
    words = thread.words.get(entry.pk)
    if words is None:
        return _("changed the subject")
    return _("changed the subject from “%(before)s” to “%(after)s”") % {
        "before": words.before,
        "after": words.after,
    }


def _tags(payload: dict[str, Any], thread: Thread, _entry: Entry) -> str:
    def names(ids: list[int]) -> str:
        return ", ".join(thread.tags[pk].name for pk in ids if pk in thread.tags)

    added, removed = names(payload["added_ids"]), names(payload["removed_ids"])
    if added and removed:
        return _("added %(added)s and removed %(removed)s") % {"added": added, "removed": removed}
    return _("added %(added)s") % {"added": added} if added else _("removed %(names)s") % {"names": removed}


def _snoozed(payload: dict[str, Any], _thread: Thread, _entry: Entry) -> str:
    until = timezone.localtime(datetime.fromisoformat(payload["until"]))
    return _("snoozed this until %(when)s") % {"when": Moments.here().full(until)}


def _woken(payload: dict[str, Any], _thread: Thread, entry: Entry) -> str:
    if payload.get("by_customer"):
        return _("woke this by writing")
    return _("ended the snooze") if entry.actor_kind == "agent" else _("The snooze ended")


def _participant(payload: dict[str, Any], thread: Thread, entry: Entry) -> str:
    person = thread.participants.get(payload["participant_id"])
    who = (person.name or person.address) if person else "?"
    if entry.kind == "participant.accepted":
        return _("accepted %(name)s as a participant") % {"name": who}
    return _("added %(name)s") % {"name": who}


def _call(payload: dict[str, Any], _thread: Thread, _entry: Entry) -> str:
    kind = _("The customer called") if payload["inbound"] else _("We called the customer")
    return f"{kind} · {_('%(count)s min') % {'count': payload['minutes']}}"


def _linked(payload: dict[str, Any], _thread: Thread, _entry: Entry) -> str:
    words = {
        Bond.MAYBE: _("May belong to #%(number)s"),
        Bond.FOLLOW_UP: _("Goes on with #%(number)s, which is closed"),
        Bond.CONTINUED: _("Goes on in #%(number)s"),
    }
    return words[Bond(payload.get("how", Bond.MAYBE))] % {"number": payload["other_id"] + FIRST_NUMBER}


_SPECIAL: dict[str, Callable[[dict[str, Any], Thread, Entry], str]] = {
    "assigned": _assigned,
    "team.changed": _team,
    "status.changed": _status,
    "priority.changed": _priority,
    "kind.changed": _kind,
    "subject.changed": _subject,
    "tags.changed": _tags,
    "snoozed": _snoozed,
    "woken": _woken,
    "participant.added": _participant,
    "participant.accepted": _participant,
    "call.logged": _call,
    "linked": _linked,
}
