"""A conversation's entries with everything they refer to, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from django.db.models import Model, QuerySet

from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    DeliveryRecipient,
    Entry,
    EntryWords,
    Message,
    Note,
    Participant,
    SideMessage,
    Tag,
)
from rapport.inboxes.models import Inbox
from rapport.kernel.db.prepared import Prepared, prepared
from rapport.staff.models import Agent, Team

PAGE = 60
Named = TypeVar("Named", bound=Model)


@dataclass
class Thread:
    """Entries in order and, by id, what they name."""

    entries: list[Entry]
    earlier: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    notes: dict[int, Note] = field(default_factory=dict)
    sides: dict[int, SideMessage] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    recipients: dict[int, list[DeliveryRecipient]] = field(default_factory=lambda: defaultdict(list))
    inboxes: dict[int, str] = field(default_factory=dict)
    files: dict[tuple[str, int], list[Attachment]] = field(default_factory=lambda: defaultdict(list))
    agents: dict[int, Agent] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    tags: dict[int, Tag] = field(default_factory=dict)
    participants: dict[int, Participant] = field(default_factory=dict)
    words: dict[int, EntryWords] = field(default_factory=dict)

    def delivery_of(self, *, message_id: int | None = None, side_id: int | None = None) -> Delivery | None:
        """Return the newest delivery of a message or a side message."""
        for delivery in self.deliveries.values():
            if (message_id and delivery.message_id == message_id) or (
                side_id and delivery.side_message_id == side_id
            ):
                return delivery
        return None


def thread_of(conversation: Conversation, *, after: int = 0, before: int | None = None) -> Thread:
    """Return entries after seq ``after``, or the last ``PAGE`` ones (before seq ``before``).

    The caller has loaded the conversation for its agent. One query for the entries, and one for each kind of
    thing that they refer to.
    """
    if after:
        thread = Thread(_after(conversation.pk, after))
    else:
        chosen = _newest(conversation.pk) if before is None else _newest_before(conversation.pk, before)
        thread = Thread(chosen[:PAGE][::-1], earlier=len(chosen) > PAGE)
    _fill(thread, conversation)
    return thread


def lines_of(entries: list[Entry]) -> Thread:
    """Return entries with whom and what their sentences name, without anybody's words."""
    thread = Thread(entries)
    _fill_names(thread)
    return thread


def _ids(thread: Thread, *names: str) -> set[int]:
    found: set[int] = set()
    for entry in thread.entries:
        for name in names:
            value = entry.payload.get(name)
            if isinstance(value, list):
                found.update(value)
            elif value is not None:
                found.add(value)
    return found


def _fill(thread: Thread, conversation: Conversation) -> None:
    messages = _ids(thread, "message_id")
    notes, sides = _ids(thread, "note_id"), _ids(thread, "side_message_id")
    thread.messages, thread.notes = _rows(Message, messages), _rows(Note, notes)
    thread.sides = _rows(SideMessage, sides)
    inboxes = {message.inbox_id for message in thread.messages.values() if message.inbox_id}
    thread.inboxes = dict(_inbox_names(inboxes)) if inboxes else {}
    _fill_deliveries(thread, conversation)
    _fill_files(thread, messages, notes, sides)
    _fill_names(thread)


def _fill_names(thread: Thread) -> None:
    agents = _ids(thread, "agent_id", "mentioned_ids") | {
        entry.actor_id for entry in thread.entries if entry.actor_kind == "agent" and entry.actor_id
    }
    agents |= _ids(thread, "before_id")
    thread.agents = _rows(Agent, agents)
    thread.teams = _rows(Team, _ids(thread, "team_id"))
    thread.tags = _rows(Tag, _ids(thread, "added_ids", "removed_ids"))
    thread.participants = _rows(Participant, _ids(thread, "participant_id"))
    renamed = {entry.pk for entry in thread.entries if entry.kind == "subject.changed"}
    thread.words = _rows(EntryWords, renamed)


def _rows(model: type[Named], ids: Collection[int]) -> dict[int, Named]:
    """Return the rows of these ids by id; no query for none."""
    return {row.pk: row for row in _with_ids(model)(ids)} if ids else {}


@cache
def _with_ids(model: type[Named]) -> Prepared[[Collection[int]], Named]:
    return prepared(lambda ids: model._default_manager.filter(pk__in=ids))


def _fill_deliveries(thread: Thread, conversation: Conversation) -> None:
    if not any(entry.kind in {"message.sent", "side.sent"} for entry in thread.entries):
        return
    thread.deliveries = {delivery.pk: delivery for delivery in _deliveries(conversation.pk)}
    if thread.deliveries:
        for recipient in _recipients(list(thread.deliveries)):
            thread.recipients[recipient.delivery_id].append(recipient)


def _fill_files(thread: Thread, messages: set[int], notes: set[int], sides: set[int]) -> None:
    for name, ids in (("message", messages), ("note", notes), ("side_message", sides)):
        for attachment in _files_of(name)(ids) if ids else ():
            thread.files[(name, getattr(attachment, f"{name}_id"))].append(attachment)


@cache
def _files_of(owner: str) -> Prepared[[Collection[int]], Attachment]:
    return prepared(lambda ids: Attachment.objects.filter(**{f"{owner}_id__in": ids}).order_by("pk"))


@prepared
def _after(conversation_id: int, seq: int) -> QuerySet[Entry]:
    return Entry.objects.filter(conversation_id=conversation_id, seq__gt=seq).order_by("seq")[:200]


@prepared
def _newest(conversation_id: int) -> QuerySet[Entry]:
    return Entry.objects.filter(conversation_id=conversation_id).order_by("-seq")[: PAGE + 1]


@prepared
def _newest_before(conversation_id: int, seq: int) -> QuerySet[Entry]:
    return Entry.objects.filter(conversation_id=conversation_id, seq__lt=seq).order_by("-seq")[: PAGE + 1]


@prepared
def _inbox_names(ids: Collection[int]) -> QuerySet[Inbox, tuple[int, str]]:
    return Inbox.objects.filter(pk__in=ids).values_list("pk", "name")


@prepared
def _deliveries(conversation_id: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(conversation_id=conversation_id).order_by("-pk")


@prepared
def _recipients(delivery_ids: Collection[int]) -> QuerySet[DeliveryRecipient]:
    return DeliveryRecipient.objects.filter(delivery_id__in=delivery_ids).order_by("pk")
