"""Words that somebody has begun to write: whether there are any yet, and for whom."""

from collections.abc import Iterable

from rapport.conversations.models import Conversation, Draft, Message, SideMessage
from rapport.conversations.wording import inline_ids, written
from rapport.inboxes.contract import Address
from rapport.staff.models import Agent

Readers = frozenset[tuple[str, str]]
"""To whom words go: each role with an address."""


def is_begun(html: str, *, files: bool) -> bool:
    """Tell whether what is being written holds anything: text, a picture within, or files."""
    wording = written(html)
    return bool(wording.text or inline_ids(wording.html) or files)


def begun_draft(agent: Agent, conversation: Conversation, kind: str) -> Draft | None:
    """Return the draft of this kind where it holds anything."""
    draft = Draft.objects.filter(agent=agent, conversation=conversation, kind=kind).first()
    return draft if draft and is_begun(draft.html, files=draft.attachments.exists()) else None


def readers_of(words: Draft | Message | SideMessage) -> Readers:
    """Return to whom words are addressed; nobody where a draft leaves that to the composer."""
    rows = {"to": words.to, "cc": words.cc, "bcc": words.bcc}
    return frozenset((role, row["address"].lower()) for role, people in rows.items() for row in people)


def readers_offered(to: Iterable[Address], cc: Iterable[Address]) -> Readers:
    """Return to whom an answer goes that leaves it to the composer."""
    rows = {"to": to, "cc": cc}
    return frozenset((role, each.value.lower()) for role, people in rows.items() for each in people)
