"""What the desk says of an act: what was done, not only that something was."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.conversations.models import Conversation, Priority, Status


def of_many(field: str, value: str, after: list[Conversation]) -> str:
    """Return the words for one act on many: what was posted, and the conversations it changed."""
    done = len(after)
    if not after:
        words = ngettext("%(done)s conversation changed", "%(done)s conversations changed", done)
    elif field == "status" and value == Status.SOLVED:
        words = ngettext("%(done)s conversation solved", "%(done)s conversations solved", done)
    elif field in {"agent", "team"}:
        words = ngettext(
            "%(done)s conversation assigned to %(name)s", "%(done)s conversations assigned to %(name)s", done
        )
    elif field == "tag":
        words = ngettext(
            "%(done)s conversation tagged “%(name)s”", "%(done)s conversations tagged “%(name)s”", done
        )
    elif field == "spam":
        words = ngettext(
            "%(done)s conversation marked as spam", "%(done)s conversations marked as spam", done
        )
    elif field == "until_at":
        words = ngettext("%(done)s conversation snoozed", "%(done)s conversations snoozed", done)
    else:
        words = ngettext(
            "%(done)s conversation set to “%(name)s”", "%(done)s conversations set to “%(name)s”", done
        )
    return words % {"done": done, "name": _name(field, value, after[0]) if after else ""}


def _name(field: str, value: str, after: Conversation) -> str:
    """Return what an act gave a conversation, as the reader calls it."""
    if field == "agent":
        return after.assignee.name if after.assignee else _("nobody")
    if field == "team":
        return after.team.name
    if field == "status":
        return str(Status(after.status).label)
    if field == "priority":
        return str(Priority(after.priority).label)
    return value
