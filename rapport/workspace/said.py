"""What the desk says of an act: what was done, not only that something was."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from rapport.conversations.models import Conversation, Draft, Entry, Kind, Priority, Status
from rapport.conversations.queries.access import follows
from rapport.kernel.web.moments import Moments
from rapport.staff.models import Agent
from rapport.workspace import undoing
from rapport.workspace.undoing import Step

Said = tuple[str, list[Step]]
Telling = Callable[[Agent, Conversation, Conversation], Said | None]


def of_one(agent: Agent, act: str, before: Conversation, after: Conversation) -> Said | None:
    """Return the words for one act on one conversation, with what takes it back; None: nothing changed."""
    telling = _TELLINGS.get(act)
    return telling(agent, before, after) if telling else None


def of_overtaken(change: Entry, after: Conversation) -> str:
    """Return the words for an answer taken back after a colleague changed the status; it stands or fell."""
    words = _("Taken back. %(name)s has set the status to “%(status)s” meanwhile; that stays.")
    if after.status != change.payload["status"]:
        words = _(
            "Taken back. %(name)s had set the status to “%(status)s” meanwhile; now it is “%(now)s”, because "
            "the customer has no answer."
        )
    colleague = Agent.objects.filter(pk=change.actor_id or 0).first()
    return words % {
        "name": colleague.name if colleague else _("somebody"),
        "status": Status(change.payload["status"]).label,
        "now": Status(after.status).label,
    }


def _status(agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.status == before.status:
        return None
    words = _("Status: %(name)s") % {"name": Status(after.status).label}
    if after.status == Status.SOLVED:
        kept = Draft.objects.filter(agent=agent, conversation=before).exists()
        words = _("Solved. Your draft was not sent.") if kept else _("Solved")
    return words, undoing.status_again(before, after)


def _holder(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if (after.team_id, after.assignee_id) == (before.team_id, before.assignee_id):
        return None
    holder = after.team if before.team_id != after.team_id else after.assignee
    words = _("Assigned to %(name)s") % {"name": holder.name} if holder else _("Assigned to nobody")
    return words, undoing.holder_again(before, after)


def _priority(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.priority == before.priority:
        return None
    words = _("Priority: %(name)s") % {"name": Priority(after.priority).label}
    return words, undoing.value_again(before, "priority", "priority", str(before.priority))


def _kind(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.kind == before.kind:
        return None
    words = _("Kind of contact: %(name)s") % {"name": Kind(after.kind).label}
    return words, undoing.value_again(before, "kind", "kind", before.kind)


def _subject(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.subject == before.subject:
        return None
    return _("Subject changed"), undoing.value_again(before, "subject", "subject", before.subject)


def _tags(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    got = [name for name in after.tag_names if name not in before.tag_names]
    lost = [name for name in before.tag_names if name not in after.tag_names]
    if not got and not lost:
        return None
    words = _("Tagged “%(name)s”") if got else _("Tag “%(name)s” removed")
    return words % {"name": ", ".join(got or lost)}, undoing.tags_again(before, after)


def _snooze(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.snoozed_until == before.snoozed_until:
        return None
    if after.snoozed_until is None:
        return _("The snooze has ended."), undoing.snooze_again(before)
    words = _("Snoozed until %(time)s") % {"time": Moments.here().coming(after.snoozed_until)}
    return words, undoing.snooze_again(before)


def _spam(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.spam == before.spam:
        return None
    return (_("Marked as spam") if after.spam else _("Taken out of spam")), undoing.flag_again(before, "spam")


def _delete(_agent: Agent, before: Conversation, after: Conversation) -> Said | None:
    if after.deleted_at == before.deleted_at:
        return None
    return (_("Deleted") if after.deleted_at else _("Restored")), undoing.flag_again(before, "delete")


def _unread(_agent: Agent, _before: Conversation, _after: Conversation) -> Said:
    return _("Marked as unread"), []


def _follow(agent: Agent, _before: Conversation, after: Conversation) -> Said:
    words = _("You follow this conversation.") if follows(agent, after) else _("You no longer follow it.")
    return words, []


_TELLINGS: dict[str, Telling] = {
    "status": _status,
    "assign": _holder,
    "priority": _priority,
    "kind": _kind,
    "subject": _subject,
    "tags": _tags,
    "snooze": _snooze,
    "spam": _spam,
    "delete": _delete,
    "unread": _unread,
    "follow": _follow,
}
