"""Writing the search index: what an upper floor calls from a reaction."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import connection, transaction

from rapport.kernel.search.backend import Audience, Words, chosen, fetch
from rapport.kernel.search.models import Document

TIE_BITS: Final = 16
BATCH: Final = 500
_PLACE = ("team_id", "brand_id", "inbox_id", "conversation_id", "folder", "has_file")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a document belongs: the columns that a `Scope` can ask for. ``folder`` is the upper floor's
    number."""

    team_id: int | None = None
    brand_id: int | None = None
    inbox_id: int | None = None
    conversation_id: int | None = None
    folder: int = 0
    has_file: bool = False


@dataclass(frozen=True, kw_only=True)
class Content:
    """A whole document as `rebuild` asks for it; the arguments of `index`."""

    object_id: int
    at: datetime
    place: Place
    public: Words | None = None
    internal: Words | None = None


@dataclass(frozen=True)
class Documents:
    """A kind of document: its name, and all there are of it, for a rebuilt index."""

    name: str
    everything: Callable[[], Iterable[Content]]


_kinds: dict[str, Documents] = {}


def register_documents(documents: Documents) -> None:
    """Declare a kind of document; called in ``AppConfig.ready()``. The same name replaces the former one."""
    _kinds[documents.name] = documents


def kinds() -> list[Documents]:
    """Return the declared kinds by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def key_of(at: datetime) -> int:
    """Return the lowest document id of the second ``at``; those of earlier seconds are all below it."""
    return max(int(at.timestamp()), 0) << TIE_BITS


def index(
    kind: str,
    object_id: int,
    *,
    at: datetime,
    place: Place,
    public: Words | None = None,
    internal: Words | None = None,
) -> None:
    """Put a document into the index, in place of what stood there for it; safe to call again and again.

    Args:
        kind: A registered kind.
        object_id: The object's id within its kind.
        at: When it happened: the order of results, to the second.
        place: Its scope columns.
        public: Words that its customer may see; None for none.
        internal: Words for staff only; None for none.

    """
    backend = chosen()
    with transaction.atomic(savepoint=False):
        remove(kind, object_id)
        flags = (public is not None, internal is not None)
        id_ = _claim(kind, object_id, key_of(at), (*flags, *(getattr(place, name) for name in _PLACE)))
        if public is not None:
            backend.put(id_, Audience.PUBLIC, public)
        if internal is not None:
            backend.put(id_, Audience.INTERNAL, internal)


def _claim(kind: str, object_id: int, key: int, values: tuple[int | None, ...]) -> int:
    columns = ", ".join(("id", "kind", "object_id", "in_public", "in_internal", *_PLACE))
    slots = ", ".join(["%s"] * (3 + len(values)))
    # Only a taken id is tried again; the same object indexed twice at once fails loudly and is retried.
    sql = f"INSERT INTO search_document ({columns}) VALUES ({slots}) ON CONFLICT (id) DO NOTHING"
    with connection.cursor() as cursor:
        while True:
            id_ = key + random.getrandbits(TIE_BITS)
            cursor.execute(sql, [id_, kind, object_id, *values])
            if cursor.rowcount:
                return id_


def remove(kind: str, object_id: int) -> bool:
    """Take a document out of the index; return whether it was there. Erasure calls `purge` afterwards."""
    with transaction.atomic(savepoint=False):
        found = fetch(
            "DELETE FROM search_document WHERE kind = %s AND object_id = %s RETURNING id", [kind, object_id]
        )
        for (id_,) in found:
            chosen().drop(id_)
    return bool(found)


def move(conversation_id: int, place: Place) -> None:
    """Give all documents of a conversation the scope of ``place``; their own ``has_file`` stays."""
    Document.objects.filter(conversation_id=conversation_id).update(
        team_id=place.team_id, brand_id=place.brand_id, inbox_id=place.inbox_id, folder=place.folder
    )


def purge() -> None:
    """Leave no removed word on disk. Rewrites the index: seconds for a large one; not inside a
    transaction."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("purge() runs outside a transaction")
    chosen().purge()


def merge() -> bool:
    """Do a small part of what writing documents left for later; return whether there was anything to do."""
    with transaction.atomic():
        return chosen().merge()


def wipe() -> None:
    """Empty the index."""
    with transaction.atomic():
        chosen().wipe()
        Document.objects.all().delete()


def rebuild() -> int:
    """Make the index anew from all registered kinds; return the number of documents.

    Each batch is a transaction of its own, so that other writers get their turn in between.
    """
    wipe()
    return sum(_fill(documents) for documents in kinds())


def _fill(documents: Documents) -> int:
    count, everything = 0, iter(documents.everything())
    # In the order of their ids: FTS5 begins a new segment for every id below the one before it.
    while batch := sorted(islice(everything, BATCH), key=lambda content: content.at):
        with transaction.atomic(), chosen().filling():
            for content in batch:
                index(
                    documents.name,
                    content.object_id,
                    at=content.at,
                    place=content.place,
                    public=content.public,
                    internal=content.internal,
                )
        count += len(batch)
    return count
