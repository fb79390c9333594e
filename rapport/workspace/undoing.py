"""What an answer to a screen offers to take back: requests that bring back what was before.

Each says what had happened before the act: whoever changed the same since has the last word.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict

from rapport.conversations.models import Conversation

UNDO = "undo"


@dataclass(frozen=True)
class Step:
    """One request: where to, and its form fields."""

    url: str
    fields: tuple[tuple[str, str], ...]


def toast(text: str, steps: list[Step]) -> dict[str, Any]:
    """Return the event that shows ``text``, with a button that does ``steps`` where there are any."""
    undo = [
        {"url": step.url, "fields": (*step.fields, (UNDO, str(at)))} for at, step in enumerate(steps, start=1)
    ]
    return {"rapport:toast": {"text": text, **({"undo": undo} if undo else {})}}


def complaint(text: str) -> dict[str, Any]:
    """Return the event that says what could not be taken back."""
    return {"rapport:toast": {"text": text, "kind": "danger"}}


def told(events: dict[str, Any]) -> HttpResponse:
    """Return an answer that is nothing but what happens on the screen.

    In its body: what takes back an act on two hundred conversations fits into no header that a proxy accepts.
    """
    return JsonResponse(events)


def takes_back(posted: QueryDict) -> bool:
    """Tell whether a request is such a step, which offers nothing by itself."""
    return UNDO in posted


def goes_on(posted: QueryDict) -> bool:
    """Tell whether a step before has already taken something back."""
    return takes_back(posted) and posted[UNDO] != "1"


def status_again(before: Conversation, after: Conversation) -> list[Step]:
    """Return what brings back the status of a conversation, and the snooze that went with it.

    A status that was changed once more is left: an answer may have been taken back meanwhile.
    """
    here = f"/conversations/{before.number}"
    seen = ("token", str(before.last_seq))
    steps = [Step(f"{here}/status", (("status", before.status), ("only_from", after.status), seen))]
    if before.snoozed_until is not None and after.snoozed_until is None:
        steps += snooze_again(before)
    return steps


def snooze_again(before: Conversation) -> list[Step]:
    """Return what brings back until when a conversation was snoozed, or that it was not."""
    return value_again(before, "snooze", "until_at", until_of(before))


def value_again(before: Conversation, act: str, field: str, value: str) -> list[Step]:
    """Return the request by which ``act`` sets ``field`` of a conversation to what it was before."""
    fields = ((field, value), ("token", str(before.last_seq)))
    return [Step(f"/conversations/{before.number}/{act}", fields)]


def holder_again(before: Conversation, after: Conversation) -> list[Step]:
    """Return what brings back who has a conversation: with another team its person, in one."""
    if before.team_id == after.team_id:
        return value_again(before, "assign", "agent", holder_of(before))
    again = (("team", str(before.team_id)), ("agent", holder_of(before)), ("token", str(before.last_seq)))
    return [Step(f"/conversations/{before.number}/assign", again)]


def tags_again(before: Conversation, after: Conversation) -> list[Step]:
    """Return what takes off the tags that a conversation got, and puts on those it lost."""
    got, lost = set(after.tag_names) - set(before.tag_names), set(before.tag_names) - set(after.tag_names)
    fields = [*(("remove", name) for name in sorted(got)), *(("add", name) for name in sorted(lost))]
    seen = ("token", str(before.last_seq))
    return [Step(f"/conversations/{before.number}/tags", (*fields, seen))]


def flag_again(before: Conversation, flag: str) -> list[Step]:
    """Return what brings back whether a conversation was ``spam``, or lay in the bin (``delete``)."""
    was = before.spam if flag == "spam" else before.deleted_at is not None
    return value_again(before, flag, flag, str(int(was)))


def until_of(each: Conversation) -> str:
    """Return until when a conversation is snoozed, as a form says it; empty where it is not."""
    return each.snoozed_until.isoformat() if each.snoozed_until else ""


def holder_of(each: Conversation) -> str:
    """Return who has a conversation, as a form says it; empty where nobody does."""
    return str(each.assignee_id or "")
