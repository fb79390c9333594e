"""Adding an internal note, with mentions and files."""

import hashlib
from collections.abc import Iterable

from django.db import transaction

from rapport.conversations.actions.drafts import RENEWED, discard, move_files, upload_sizes
from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Noted
from rapport.conversations.models import Conversation, Mention, Note
from rapport.conversations.timeline import append
from rapport.conversations.wording import Wording, written
from rapport.kernel.clock import now
from rapport.kernel.text.sanitise import SANITISER_VERSION
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


class EmptyText(Exception):
    """There is nothing to send or to keep."""


def add_note(
    *,
    agent: Agent,
    conversation_id: int,
    html: str,
    mentioned_ids: Iterable[int] = (),
    attachment_ids: Iterable[int] = (),
    nonce: str = "",
) -> Note:
    """Add an internal note. Who is mentioned may see the conversation from then on.

    The same words, sent again from the form with the same ``nonce``, are the same note.

    Raises:
        EmptyText: no words and no files.

    """
    wording = written(html)
    attachment_ids = list(attachment_ids)
    if not wording.text and not upload_sizes(agent, wording.html, attachment_ids):
        raise EmptyText
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.NOTE)
        key = _send_key(agent, conversation, html, nonce)
        if key and (before := Note.objects.filter(nonce=key).first()):
            return before
        note = write_note(conversation, agent, wording, key)
        move_files(agent, attachment_ids, note=note)
        mentioned = _mention(note, mentioned_ids)
        discard(agent=agent, conversation=conversation, kind="note", nonce=nonce)
        append(
            conversation,
            "note.added",
            Noted(note_id=note.pk, mentioned_ids=tuple(person.pk for person in mentioned)),
            actor=by_agent(agent),
            topics=[f"agent:{person.pk}" for person in mentioned],
        )
        save_state(conversation)
    return note


def _send_key(agent: Agent, conversation: Conversation, html: str, nonce: str) -> str | None:
    words = ("note", agent.pk, conversation.pk, nonce.partition(RENEWED)[0], html)
    return hashlib.sha256(repr(words).encode("utf-8", "replace")).hexdigest() if nonce else None


def write_note(conversation: Conversation, agent: Agent, wording: Wording, nonce: str | None = None) -> Note:
    """Write the row of a note; the caller appends the entry that tells of it."""
    return Note.objects.create(
        conversation=conversation,
        agent=agent,
        author_name=agent.name,
        html=wording.html,
        text=wording.text,
        sanitiser=SANITISER_VERSION,
        nonce=nonce,
        created_at=now(),
    )


def _mention(note: Note, agent_ids: Iterable[int]) -> list[Agent]:
    people = list(Agent.objects.filter(pk__in=set(agent_ids), active=True))
    Mention.objects.bulk_create(
        Mention(conversation=note.conversation, note=note, agent=person, created_at=now())
        for person in people
    )
    return people
