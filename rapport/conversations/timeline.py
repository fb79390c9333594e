"""Writing the timeline: the one way an entry comes to a conversation."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from rapport.conversations.models import Conversation, ConversationInbox, Entry
from rapport.kernel.db.prepared import prepared
from rapport.kernel.live.signal import signal_all
from rapport.kernel.stream import append as stream
from rapport.kernel.stream.append import SYSTEM, Actor
from rapport.kernel.stream.models import Origin

NEWS = frozenset(
    {
        "message.received",
        "note.added",
        "side.received",
        "call.logged",
        "delivery.failed",
        "bounced",
        "assigned",
        "woken",
    }
)
"""Kinds that make a conversation unread for those who have not seen them, unless an entry is quiet."""


def append(
    conversation: Conversation,
    kind: str,
    payload: Any,
    *,
    actor: Actor = SYSTEM,
    caused_by: Entry | None = None,
    occurred_at: datetime | None = None,
    topics: Iterable[str] = (),
) -> Entry:
    """Append one entry in the caller's transaction and tell the screens that show the conversation.

    ``topics`` names further ones (``agent:5``, a former team). Imported history tells nobody.
    Raises what ``kernel.stream.append`` raises.
    """
    entry = stream.append(
        Entry,
        conversation,
        kind,
        payload,
        actor=actor,
        caused_by=caused_by,
        occurred_at=occurred_at,
        origin=Origin(conversation.origin),
    )
    if kind in NEWS and not getattr(payload, "quiet", False):
        conversation.news_seq = entry.seq
    if conversation.origin == Origin.LIVE:
        concerned = {f"conversation:{conversation.pk}", f"team:{conversation.team_id}", *topics}
        if conversation.elsewhere:
            concerned |= {f"team:{team_id}" for team_id in _other_teams(conversation.pk)}
        if conversation.assignee_id:
            concerned.add(f"agent:{conversation.assignee_id}")
        signal_all((topic, entry.seq) for topic in sorted(concerned))
    return entry


@prepared
def _other_teams(conversation_id: int) -> QuerySet[ConversationInbox, int]:
    others = ConversationInbox.objects.filter(conversation_id=conversation_id, home=False)
    return others.values_list("team_id", flat=True)
