"""What an agent is writing: kept on the server, with its files."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO

from django.db import models, transaction

from rapport.conversations.below import Below
from rapport.conversations.models import (
    Attachment,
    ClosedForm,
    Conversation,
    Draft,
    Message,
    Note,
    SideMessage,
)
from rapport.conversations.queries.access import NotFound, may_see
from rapport.conversations.subjects import LENGTH as SUBJECT_LENGTH
from rapport.conversations.wording import inline_ids
from rapport.kernel.clock import now
from rapport.kernel.db.locks import lock_name
from rapport.kernel.db.prepared import prepared
from rapport.kernel.db.rows import insert_unless_taken
from rapport.kernel.files.storage import store
from rapport.staff.models import Agent

SENT = 2**31 - 1
"""The number that no save of a composer reaches: after sending, all of them come too late."""

RENEWED = "~"
"""Parts a composer's nonce from how often it began anew, after words that were sent and nobody heard it."""


class Outdated(Exception):
    """The words were sent or dropped after this was typed."""


def save_draft(
    *,
    agent: Agent,
    conversation: Conversation | None,
    kind: str,
    html: str,
    to: list[dict[str, str]] | None = None,
    cc: list[dict[str, str]] | None = None,
    bcc: list[dict[str, str]] | None = None,
    subject: str = "",
    seen_seq: int = 0,
    below: Below | None = None,
    call: dict[str, str] | None = None,
    nonce: str = "",
    save: int = 0,
) -> Draft:
    """Keep what the agent has typed so far. ``save`` counts the saves of the composer with this ``nonce``.

    The tabs of one composer share its nonce, and ``kind`` tells them apart. Without a conversation, it tells
    a first message (``new``) from a phone ``call``: what was said in one is internal, and no draft of a mail.

    Raises:
        NotFound: the conversation is beyond the agent's reach.
        Outdated: the composer was sent, or emptied by a later save.

    """
    if conversation is not None and not may_see(agent, conversation):
        raise NotFound
    words = {
        "html": html,
        "to": to or [],
        "cc": cc or [],
        "bcc": bcc or [],
        "subject": subject[:SUBJECT_LENGTH],
        "seen_seq": min(seen_seq, conversation.last_seq) if conversation is not None else 0,
        "below": below.stored() if below is not None else {},
        "call": call,
        "updated_at": now(),
    }
    return _keep(agent, conversation, kind, words, nonce=nonce, save=save)


def _keep(
    agent: Agent,
    conversation: Conversation | None,
    kind: str,
    words: dict[str, Any],
    *,
    nonce: str,
    save: int,
) -> Draft:
    with transaction.atomic():
        lock_name(f"draft:{agent.pk}")
        closed = ClosedForm.objects.filter(agent=agent, nonce=nonce, kind=kind, until__gte=save)
        if nonce and closed.exists():
            raise Outdated
        draft, _ = Draft.objects.update_or_create(
            agent=agent, conversation=conversation, kind=kind, defaults=words
        )
    return draft


def discard(
    *, agent: Agent, conversation: Conversation | None, kind: str, nonce: str = "", save: int = SENT
) -> None:
    """Drop a draft; files uploaded to it and not sent are swept later.

    What this tab of the composer with this ``nonce`` saved up to its save number ``save``, and arrives later,
    is refused.
    """
    with transaction.atomic(savepoint=False):
        if nonce and save:
            lock_name(f"draft:{agent.pk}")
            _close(agent, nonce, kind, save)
        drafts = Draft.objects.filter(agent=agent, conversation=conversation, kind=kind)
        if conversation is None or _draft(agent.pk, conversation.pk, kind):
            drafts.delete()


def forget_closed(before: datetime) -> None:
    """Forget the composers that were closed before a time: none of their saves is under way any more."""
    ClosedForm.objects.filter(at__lt=before).delete()


def _close(agent: Agent, nonce: str, kind: str, save: int) -> None:
    closed = ClosedForm(agent=agent, nonce=nonce, kind=kind, until=save, at=now())
    if not insert_unless_taken(closed, "agent_id", "nonce", "kind"):
        earlier = ClosedForm.objects.filter(agent=agent, nonce=nonce, kind=kind, until__lt=save)
        earlier.update(until=save, at=now())


@prepared
def _draft(agent_id: int, conversation_id: int, kind: str) -> "models.QuerySet[Draft, int]":
    found = Draft.objects.filter(agent_id=agent_id, conversation_id=conversation_id, kind=kind)
    return found.values_list("pk", flat=True)


def attach(
    *, agent: Agent, content: bytes | BinaryIO, name: str, content_type: str, inline: bool = False
) -> Attachment:
    """Store a file that the agent is about to send; it belongs to them until then."""
    stored = store(content, name=name, content_type=content_type)
    return Attachment.objects.create(
        file=stored,
        uploader=agent,
        name=stored.name,
        content_type=stored.content_type,
        size=stored.size,
        inline=inline,
    )


def detach(*, agent: Agent, attachment_id: int) -> None:
    """Remove a file that the agent uploaded and has not sent."""
    _own_unsent(agent, [attachment_id]).delete()


def upload_sizes(agent: Agent, html: str, attachment_ids: Iterable[int]) -> list[int]:
    """Return the sizes of the agent's uploads that go with words, below them or within. In bytes."""
    wanted = [*attachment_ids, *inline_ids(html)]
    if not wanted:
        return []
    return list(Attachment.objects.filter(pk__in=wanted, uploader=agent).values_list("size", flat=True))


def move_files(
    agent: Agent,
    attachment_ids: Iterable[int],
    *,
    message: Message | None = None,
    note: Note | None = None,
    side_message: SideMessage | None = None,
) -> int:
    """Give the agent's own unsent uploads to the words they go with; returns how many there were."""
    words = message or note or side_message
    shown = inline_ids(words.html) if words is not None else []
    if not shown and not attachment_ids:
        return 0
    for pk in shown:
        _own_unsent(agent, [pk]).update(inline=True, content_id=f"rapport-{pk}")
    return _own_unsent(agent, [*attachment_ids, *shown]).update(
        message=message, note=note, side_message=side_message, draft=None
    )


def _own_unsent(agent: Agent, attachment_ids: Iterable[int]) -> "models.QuerySet[Attachment]":
    return Attachment.objects.filter(
        pk__in=list(attachment_ids), uploader=agent, message=None, note=None, side_message=None
    )
