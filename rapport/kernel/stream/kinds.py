"""The registry of kinds of entries: what happened, its typed payload, how it reads, who may see it."""

import enum
import types
import typing
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models
from django.utils.functional import Promise


class Audience(models.TextChoices):
    """Who may see an entry: everybody in the conversation, or staff only."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Kind:
    """One kind of entry. ``payload`` is a frozen dataclass of facts; ``inverse`` undoes it."""

    name: str
    payload: type[Any]
    audience: Audience
    sentence: str | Promise
    icon: str = ""
    inverse: str = ""


class UnknownKind(LookupError):
    """An entry names a kind that nobody declared."""


_kinds: dict[str, tuple[str, Kind]] = {}
_FACTS = (bool, int, float, datetime, type(None))


def register_kind(stream: str, kind: Kind) -> None:
    """Declare ``kind`` for the entries of ``stream`` (``conversation``, ``customer``, ``audit``).

    Raises:
        ValueError: another kind has this name.
        TypeError: the payload could hold words, which must live in rows that can be erased.

    """
    known = _kinds.get(kind.name)
    if known is not None and known != (stream, kind):
        raise ValueError(f"the kind {kind.name} is declared twice")
    payload: Any = kind.payload
    for name, annotation in _annotations(payload).items():
        if not _is_fact(annotation):
            raise TypeError(
                f"{kind.name}: {name} may hold words; payloads hold ids, numbers, times and enums"
            )
    _kinds[kind.name] = (stream, kind)


def kind(name: str) -> Kind:
    """Return the kind of this name.

    Raises:
        UnknownKind: nobody declared it.

    """
    try:
        return _kinds[name][1]
    except KeyError:
        raise UnknownKind(f"no kind of entry is called {name}") from None


def all_kinds() -> Iterator[tuple[str, Kind]]:
    """Yield (stream, kind) for every kind, in the order of their names."""
    for name in sorted(_kinds):
        yield _kinds[name]


def to_json(payload: Any) -> dict[str, Any]:
    """Return a payload as what the database stores: times in ISO 8601, enums by value."""
    shape: Any = type(payload)
    return {name: _encode(getattr(payload, name)) for name in _names(shape)}


def from_json(kind: Kind, stored: dict[str, Any]) -> Any:
    """Return the payload that ``stored`` was made from; fields added since take their default."""
    payload: Any = kind.payload
    decoders = _decoders(payload)
    return kind.payload(**{name: decoders[name](value) for name, value in stored.items() if name in decoders})


@cache
def _annotations(payload: Hashable) -> dict[str, Any]:
    if not isinstance(payload, type):
        raise TypeError(f"{payload} is not a class")
    if not is_dataclass(payload):
        raise TypeError(f"{payload.__name__} is not a dataclass")
    return typing.get_type_hints(payload)


@cache
def _names(payload: Hashable) -> tuple[str, ...]:
    return tuple(_annotations(payload))


def _members(annotation: Any) -> tuple[Any, ...]:
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return typing.get_args(annotation)
    return (annotation,)


def _is_fact(annotation: Any) -> bool:
    for member in _members(annotation):
        if typing.get_origin(member) is tuple:
            if not all(part is Ellipsis or _is_fact(part) for part in typing.get_args(member)):
                return False
        elif not (member in _FACTS or (isinstance(member, type) and issubclass(member, enum.Enum))):
            return False
    return True


def _encode(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_encode(part) for part in value]
    return value


@cache
def _decoders(payload: Hashable) -> dict[str, Callable[[Any], Any]]:
    return {name: _decoder(annotation) for name, annotation in _annotations(payload).items()}


def _decoder(annotation: Any) -> Callable[[Any], Any]:
    for member in _members(annotation):
        if typing.get_origin(member) is tuple:
            inner = _decoder(typing.get_args(member)[0])
            return lambda value: None if value is None else tuple(inner(part) for part in value)
        if isinstance(member, type) and issubclass(member, enum.Enum):
            return lambda value: None if value is None else member(value)
        if member is datetime:
            return lambda value: None if value is None else datetime.fromisoformat(value)
    return lambda value: value
