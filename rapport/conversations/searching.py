"""What of a conversation can be found, and keeping the index true. Folder numbers are part of the index."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from rapport.conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    Folder,
    Message,
    Note,
    SideMessage,
)
from rapport.conversations.models.words import Direction
from rapport.kernel.db.locks import lock_name
from rapport.kernel.search import index as search_index
from rapport.kernel.search.backend import Words
from rapport.kernel.search.index import Content, Documents, Place

FOLDER_NUMBERS = {folder.value: number for number, folder in enumerate(Folder)}
MESSAGE, NOTE, SIDE = "message", "note", "side"
PAGE = 500
Row = TypeVar("Row", bound=Model)


def place_of(conversation: Conversation, *, has_file: bool = False) -> Place:
    """Return the scope columns of a conversation's documents."""
    return Place(
        team_id=conversation.team_id,
        brand_id=conversation.brand_id,
        inbox_id=conversation.inbox_id,
        conversation_id=conversation.pk,
        folder=FOLDER_NUMBERS[conversation.folder],
        has_file=has_file,
    )


@transaction.atomic(savepoint=False)
def index_message(message_id: int) -> None:
    """Index a public message; one that was withdrawn or erased leaves the index."""
    message = Message.objects.filter(pk=message_id).first()
    if message is not None:
        message.conversation = _alone_with(message.conversation_id)
    if message is None or message.deliveries.filter(state="withdrawn").exists():
        search_index.remove(MESSAGE, message_id)
        return
    _put(_message_content(message), MESSAGE)


@transaction.atomic(savepoint=False)
def index_note(note_id: int) -> None:
    """Index an internal note among internal words only."""
    note = Note.objects.filter(pk=note_id).first()
    if note is not None:
        note.conversation = _alone_with(note.conversation_id)
        _put(_note_content(note), NOTE)


@transaction.atomic(savepoint=False)
def index_side_message(side_message_id: int) -> None:
    """Index a side message among internal words only; one that was withdrawn leaves the index."""
    side = SideMessage.objects.filter(pk=side_message_id).first()
    if side is not None:
        side.conversation = _alone_with(side.conversation_id)
    if side is None or side.deliveries.filter(state="withdrawn").exists():
        search_index.remove(SIDE, side_message_id)
        return
    _put(_side_content(side), SIDE)


@transaction.atomic(savepoint=False)
def index_state(conversation_id: int) -> None:
    """Give all documents of a conversation its present folder, team and brand."""
    search_index.move(conversation_id, place_of(_alone_with(conversation_id)))


def _alone_with(conversation_id: int) -> Conversation:
    """Return the conversation as it is now; nobody else indexes its words until the transaction ends.

    Else one worker would write a document with the place that it had read, and another, who gives all
    documents the next place, would not see that one yet. Not its row is locked: answers would wait.
    """
    lock_name(f"search:{conversation_id}")
    return Conversation.objects.get(pk=conversation_id)


def _message_content(message: Message) -> Content:
    return Content(
        object_id=message.pk,
        at=message.created_at,
        place=place_of(message.conversation, has_file=_has_file(message)),
        public=Words(
            subject=message.subject,
            sender=_sender(message),
            recipients=_recipients(message),
            body=message.text,
        ),
    )


def _sender(words: Message | SideMessage) -> str:
    """Return who is found by ``from:``: of ourselves the name, as all of us share an address."""
    ours = words.direction == Direction.OUT
    return words.sender_name if ours else f"{words.sender_name} {words.sender_address}"


def _recipients(words: Message | SideMessage) -> str:
    return " ".join(f"{row.get('name', '')} {row['address']}" for row in (*words.to, *words.cc))


def _has_file(message: Message) -> bool:
    known: bool | None = getattr(message, "with_file", None)
    return message.attachments.filter(inline=False).exists() if known is None else known


def _note_content(note: Note) -> Content:
    words = Words(sender=note.author_name, body=note.text)
    return _internal(note, words)


def _side_content(side: SideMessage) -> Content:
    words = Words(subject=side.subject, sender=_sender(side), recipients=_recipients(side), body=side.text)
    return _internal(side, words)


def _internal(written: Note | SideMessage, words: Words) -> Content:
    return Content(
        object_id=written.pk,
        at=written.created_at,
        place=place_of(written.conversation),
        internal=words,
    )


def _put(content: Content, kind: str) -> None:
    search_index.index(
        kind,
        content.object_id,
        at=content.at,
        place=content.place,
        public=content.public,
        internal=content.internal,
    )


def _in_pages(rows: "QuerySet[Row]") -> Iterator[Row]:
    """Yield all rows by pages: SQLite refuses to write from the snapshot that an open cursor keeps."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:PAGE]):
        yield from page
        last = page[-1].pk


def _kept(words: "QuerySet[Row]") -> "QuerySet[Row]":
    return words.exclude(deliveries__state=Delivery.WITHDRAWN)


def _messages() -> Iterable[Content]:
    files = Attachment.objects.filter(message=OuterRef("pk"), inline=False)
    messages = Message.objects.select_related("conversation").annotate(with_file=Exists(files))
    for message in _in_pages(_kept(messages)):
        yield _message_content(message)


def _notes() -> Iterable[Content]:
    for note in _in_pages(Note.objects.select_related("conversation")):
        yield _note_content(note)


def _sides() -> Iterable[Content]:
    for side in _in_pages(_kept(SideMessage.objects.select_related("conversation"))):
        yield _side_content(side)


DOCUMENTS = (Documents(MESSAGE, _messages), Documents(NOTE, _notes), Documents(SIDE, _sides))
