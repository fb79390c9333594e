"""The folder of a conversation, derived from its state; and keeping the list columns true."""

from django.db import connection

from rapport.conversations.models import Conversation, ConversationInbox, Folder, Status
from rapport.kernel.db.rows import update
from rapport.kernel.db.writing import write

_BY_STATUS = {
    Status.NEW: Folder.OPEN,
    Status.OPEN: Folder.OPEN,
    Status.WAITING: Folder.WAITING,
    Status.ON_HOLD: Folder.WAITING,
    Status.SOLVED: Folder.SOLVED,
    Status.CLOSED: Folder.SOLVED,
}


def folder_of(conversation: Conversation) -> Folder:
    """Return the folder that follows from deletion, spam, snooze and status, in this order."""
    if conversation.deleted_at is not None:
        return Folder.DELETED
    if conversation.spam:
        return Folder.SPAM
    by_status = _BY_STATUS[Status(conversation.status)]
    if conversation.snoozed_until is not None and by_status is not Folder.SOLVED:
        return Folder.SNOOZED
    return by_status


def remember(conversation: Conversation) -> Conversation:
    """Note what a locked or new row holds, so that ``save_state`` writes only what an act changed."""
    conversation.__dict__["_held"] = _held(conversation)
    return conversation


def save_state(conversation: Conversation) -> None:
    """Save what an act changed on a locked conversation, and mirror the list columns onto its places.

    ``last_seq`` is left to the timeline, which counts it in the database.
    """
    conversation.folder = folder_of(conversation)
    before, after = conversation.__dict__.get("_held", {}), _held(conversation)
    changed = [column for column in _COLUMNS if column not in before or before[column] != after[column]]
    if changed:
        update(conversation, changed)
    if _MIRRORED.intersection(changed):
        _mirror(conversation)
    conversation.__dict__["_held"] = after


_COLUMNS = tuple(
    field.attname
    for field in Conversation._meta.concrete_fields
    if field.attname not in {"id", "last_seq", "created_at", "customer_id", "origin"}
)
_MIRRORED = frozenset({"folder", "assignee_id", "last_message_at", "team_id"})


def _held(conversation: Conversation) -> dict[str, object]:
    return {column: getattr(conversation, column) for column in _COLUMNS}


def _mirror(conversation: Conversation) -> None:
    # By hand: every act runs it, and the ORM builds it anew each time, for four times what it takes to run.
    table = connection.ops.quote_name(ConversationInbox._meta.db_table)
    write(
        f"UPDATE {table} SET folder = %s, assigned = %s, last_message_at = %s, "  # noqa: S608
        "team_id = CASE WHEN home THEN %s ELSE team_id END WHERE conversation_id = %s",
        [
            str(conversation.folder),
            conversation.assignee_id is not None,
            connection.ops.adapt_datetimefield_value(conversation.last_message_at),
            conversation.team_id,
            conversation.pk,
        ],
    )
