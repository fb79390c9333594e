"""Who holds on to stored files: upper floors say so here, so that the sweeper can tell what nobody needs."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class References:
    """One holder: ``referenced(ids)`` returns those of the given ``StoredFile`` ids that it still needs."""

    name: str
    referenced: Callable[[Collection[int]], Iterable[int]]


_holders: dict[str, References] = {}


def register_references(holder: References) -> None:
    """Add a holder; called in ``AppConfig.ready()``. The same name again replaces the former one."""
    _holders[holder.name] = holder


def holders() -> list[References]:
    """Return all holders by name."""
    return [_holders[name] for name in sorted(_holders)]


def referenced(ids: Collection[int]) -> set[int]:
    """Return those of ``ids`` that any holder needs."""
    return {each for holder in holders() for each in holder.referenced(ids)}
