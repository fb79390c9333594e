"""Reactions: what other floors do after an entry is committed. They may run late, twice or out of order."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, transaction

from rapport.kernel import clock
from rapport.kernel.db.writing import write
from rapport.kernel.jobs import leases
from rapport.kernel.jobs.queues import Queue, wake
from rapport.kernel.stream.models import Origin, PendingReaction, StreamEntry

log = logging.getLogger(__name__)
QUEUE = "reactions"
React = Callable[[Any], None]
T = TypeVar("T", bound=React)


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """One function that reacts to one kind of entry."""

    kind: str
    name: str
    function: React
    replay: bool
    on_import: bool


_reactions: dict[str, list[Reaction]] = {}


def reacts_to(*kinds: str, replay: bool = False, on_import: bool = False) -> Callable[[T], T]:
    """Let the decorated function react to entries of ``kinds``; it gets the entry.

    ``replay``: a projection that may be rebuilt from the stream. ``on_import``: also runs for imported and
    demo entries, which start nothing otherwise.
    """

    def register(function: T) -> T:
        name = f"{function.__module__}.{function.__qualname__}"
        for kind in kinds:
            if all(known.name != name for known in _reactions.setdefault(kind, [])):
                _reactions[kind].append(
                    Reaction(kind=kind, name=name, function=function, replay=replay, on_import=on_import)
                )
        _owed.cache_clear()
        return function

    return register


def forget(function: React) -> None:
    """Take a reaction out of the registry; for tests that register their own."""
    name = f"{function.__module__}.{function.__qualname__}"
    for kind, known in _reactions.items():
        _reactions[kind] = [reaction for reaction in known if reaction.name != name]
    _owed.cache_clear()


def all_reactions() -> Iterator[Reaction]:
    """Yield every reaction, by kind and then in the order of registration."""
    for kind in sorted(_reactions):
        yield from _reactions[kind]


@cache
def _owed(kind: str, origin: str) -> tuple[Reaction, ...]:
    return tuple(
        reaction for reaction in _reactions.get(kind, ()) if origin == Origin.LIVE or reaction.on_import
    )


def owe(entry: StreamEntry) -> None:
    """Write down, in the transaction of ``entry``, that its reactions are to run, if it has any."""
    if _owed(entry.kind, entry.origin):
        _owe(entry, "", clock.now())


def _owe(entry: StreamEntry, reaction: str, run_at: Any) -> None:
    write(
        'INSERT INTO "stream_pendingreaction" ("model", "entry_id", "reaction", "run_at", "state", '
        '"attempts", "worker", "last_error") '
        "VALUES (%s, %s, %s, %s, 'queued', 0, '', '')",
        [entry._meta.label_lower, entry.pk, reaction, connection.ops.adapt_datetimefield_value(run_at)],
    )
    wake(QUEUE)


def run_pending(row: PendingReaction) -> None:
    """Run what one row owes and forget the row, in one transaction.

    A reaction that fails gets a row of its own, so that the others go on. Where the lease was lost meanwhile,
    nothing was done: whoever has the row now does it.
    """
    with transaction.atomic():
        _run(row)
        if not leases.remove(row):
            log.warning("the lease of %s %s was lost", row.model, row.entry_id)
            transaction.set_rollback(True)


def _run(row: PendingReaction) -> None:
    entry = apps.get_model(row.model)._default_manager.filter(pk=row.entry_id).first()
    if entry is None:
        return
    due = _owed(entry.kind, entry.origin)
    if row.reaction:
        for reaction in due:
            if reaction.name == row.reaction:
                reaction.function(entry)
    else:
        for reaction in due:
            _try(reaction, entry)


def _try(reaction: Reaction, entry: StreamEntry) -> None:
    try:
        with transaction.atomic():
            reaction.function(entry)
    except Exception:
        log.exception("%s failed on %s %s; it gets a row of its own", reaction.name, entry.kind, entry.pk)
        _owe(entry, reaction.name, clock.now() + leases.backoff(1))


def replay(entries: type[StreamEntry], *, only: str = "", batch: int = 1000) -> int:
    """Run the projections (``replay=True``) again over all entries, in the order of their ids.

    ``only`` names one reaction. Returns how many calls were made.
    """
    calls = 0
    kinds = [kind for kind in _reactions if _projections(kind, only)]
    last = 0
    while page := list(entries._default_manager.filter(pk__gt=last, kind__in=kinds).order_by("pk")[:batch]):
        for entry in page:
            for reaction in _projections(entry.kind, only):
                if entry.origin == Origin.LIVE or reaction.on_import:
                    reaction.function(entry)
                    calls += 1
        last = page[-1].pk
    return calls


def _projections(kind: str, only: str) -> list[Reaction]:
    return [
        reaction
        for reaction in _reactions.get(kind, ())
        if reaction.replay and (not only or reaction.name == only)
    ]


REACTIONS = Queue(name=QUEUE, model=PendingReaction, handler=run_pending, batch=20)
