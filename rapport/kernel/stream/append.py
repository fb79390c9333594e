"""Appending an entry: the number, the row, and what it owes to reactions, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

from rapport.kernel import clock
from rapport.kernel.db.rows import insert
from rapport.kernel.db.writing import write
from rapport.kernel.stream import kinds
from rapport.kernel.stream.models import ActorKind, Origin, StreamEntry
from rapport.kernel.stream.reactions import owe

E = TypeVar("E", bound=StreamEntry)


@dataclass(frozen=True)
class Actor:
    """Who acts: a kind, and an id where there is one."""

    kind: ActorKind
    id: int | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


class OutsideTransaction(Exception):
    """An entry was appended outside the transaction of the change that it tells of."""


def append(
    entries: type[E],
    stream: models.Model,
    kind: str,
    payload: Any,
    *,
    actor: Actor = SYSTEM,
    audience: kinds.Audience | None = None,
    occurred_at: datetime | None = None,
    origin: Origin = Origin.LIVE,
    caused_by: StreamEntry | None = None,
    **columns: Any,
) -> E:
    """Append one entry of ``kind`` to ``stream`` and return it; ``audience`` narrows the kind's own.

    Taking the number locks the stream's row until the transaction ends, on both databases, so what is read
    after it is the newest. ``columns`` fill what the concrete entry adds.

    Raises:
        OutsideTransaction: there is no transaction.
        UnknownKind: nobody declared ``kind``.
        TypeError: ``payload`` is not of the kind's type.

    """
    declared, now = _declared(kind, payload), clock.now()
    entry = entries(
        seq=next_seq(stream),
        kind=kind,
        actor_kind=actor.kind,
        actor_id=actor.id,
        audience=audience or declared.audience,
        occurred_at=occurred_at or now,
        recorded_at=now,
        origin=origin,
        caused_by=None if caused_by is None else caused_by.pk,
        payload=kinds.to_json(payload),
        **{entries.stream_field().name: stream, **columns},
    )
    return _write(entry)


def _write(entry: E) -> E:
    insert(entry)
    owe(entry)
    return entry


def _declared(kind: str, payload: Any) -> kinds.Kind:
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} must be appended in the transaction of the change")
    declared = kinds.kind(kind)
    if type(payload) is not declared.payload:
        raise TypeError(f"{kind} takes {declared.payload.__name__}, not {type(payload).__name__}")
    return declared


def next_seq(stream: models.Model) -> int:
    """Take the next number of ``stream``; this is also the lock on it."""
    taken = write(_numbering(type(stream)), [stream.pk])
    if not taken:
        raise LookupError(f"{type(stream).__name__} {stream.pk} is gone")
    stream.last_seq = taken[0][0]  # type: ignore[attr-defined]
    return int(taken[0][0])


def lock(streams: type[models.Model], ids: "list[int]") -> None:
    """Lock several streams in the order of their ids, before numbers are taken from any of them."""
    if connection.features.has_select_for_update:
        locked = streams._default_manager.select_for_update(no_key=True).filter(pk__in=ids)
        list(locked.order_by("pk").values_list("pk"))


@cache
def _numbering(streams: type[models.Model]) -> str:
    table = connection.ops.quote_name(streams._meta.db_table)
    return f'UPDATE {table} SET "last_seq" = "last_seq" + 1 WHERE "id" = %s RETURNING "last_seq"'  # noqa: S608
