"""Statements that the ORM builds once and that then run many times with other values.

Building a statement costs Django about a millisecond, running it a tenth of that. A function decorated with
:func:`prepared` says in the ORM's words what it reads; its body runs once per shape of its arguments, with
marks in place of the values, and later calls put their values where the marks stood.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet

from rapport.kernel.db.reading import reader

P = ParamSpec("P")
EMPTY = "an empty list finds nothing: do not ask the database"
Row = TypeVar("Row")
_LEAST, _MOST = -(2**63), 2**63 - 1
_FIRST_NUMBER = 1_987_654_000
_IN_MARKS = 2
_MARKS = re.compile(r"IN \(%s, %s\)|%s|%%")
_FIRST_MOMENT = datetime(1971, 3, 5, 7, 11, 13, tzinfo=UTC)


class NoSuchNumber(OverflowError):
    """A whole number that no column can hold, so no row has it."""


class Unpreparable(TypeError):
    """The arguments or the queryset cannot be prepared; says which."""


@dataclass(frozen=True)
class _Statement:
    """A compiled statement: ``places`` are constants or, as :class:`_Place`, places of arguments."""

    sql: str
    places: tuple[Any, ...]
    read: Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class _Place:
    number: int


class Prepared(Generic[P, Row]):
    """A read that was decorated with :func:`prepared`; called, it returns the rows as a list."""

    def __init__(self, build: Callable[P, QuerySet[Any, Row]]) -> None:
        self._build = build
        self._statements: dict[tuple[Any, ...], _Statement] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[Row]:
        """Run the statement with these values. A list among them must not be empty.

        Raises:
            Unpreparable: an argument is neither a whole number, a text, a moment nor a list of them, or the
                builder does more with one than hand it to the database.

        """
        if kwargs:
            raise Unpreparable("prepared reads take positional arguments")
        try:
            sql, values, statement = self._bind(args)
        except NoSuchNumber:
            return []
        return [statement.read(row) for row in _rows(sql, values)]

    def first(self, *args: P.args, **kwargs: P.kwargs) -> Row | None:
        """Return the first row, or None where there is none. Raises what a call raises."""
        found = self(*args, **kwargs)
        return found[0] if found else None

    def sql(self, *args: P.args, **kwargs: P.kwargs) -> tuple[str, tuple[Any, ...]]:
        """Return the statement and its parameters, to become part of a larger one."""
        if kwargs:
            raise Unpreparable("prepared reads take positional arguments")
        sql, values, _statement = self._bind(args)
        return sql, values

    def _bind(self, args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...], _Statement]:
        vendor = connection.vendor
        flat, shape = _flatten(args) if vendor == "sqlite" else _arrays(args)
        key = (vendor, shape)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = self._compile(args, flat, shape)
        values = [_adapted(value) for value in flat]
        return (
            statement.sql,
            tuple(values[place.number] if isinstance(place, _Place) else place for place in statement.places),
            statement,
        )

    def _compile(self, args: tuple[Any, ...], flat: list[Any], shape: tuple[Any, ...]) -> _Statement:
        spread = list(_spread(flat))
        marks = [_mark(number, value) for number, value in enumerate(spread)]
        spare = iter(marks)
        marked = [
            [next(spare) for _ in range(size)] if isinstance(arg, _MANY) else next(spare)
            for arg, size in zip(args, _sizes(shape), strict=True)
        ]
        queryset = self._build(*marked)  # type: ignore[arg-type, call-arg]  # the shape of the real arguments
        compiler = queryset.query.get_compiler("default")
        sql, parameters = compiler.as_sql()
        numbers = {_adapted(mark): number for number, mark in enumerate(marks)}
        places = tuple(
            _Place(numbers[value]) if _hashable(value) and value in numbers else value for value in parameters
        )
        missing = set(range(len(marks))) - {place.number for place in places if isinstance(place, _Place)}
        if missing:
            raise Unpreparable(f"{self._build.__qualname__} does not hand its arguments to the database")
        if connection.vendor != "sqlite":
            sql, places = _with_arrays(sql, places, flat)
        return _Statement(sql, places, reader(queryset, compiler))


def _rows(sql: str, values: tuple[Any, ...]) -> list[Any]:
    here = connections[DEFAULT_DB_ALIAS]
    watched = here.execute_wrappers or here.queries_logged
    if not watched:
        return here.read(sql, values)  # type: ignore[attr-defined, no-any-return]  # our own backends
    with here.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Prepared[P, Row]:
    """Let the ORM build this read once per shape of its arguments.

    ``build`` may only pass its arguments into lookups; what it decides by their value must be another
    function. Few shapes exist: PostgreSQL takes a list as one array, and for SQLite one is padded to a power
    of two by repeating its last value.
    """
    return Prepared(build)


_MANY = (list, tuple, set, frozenset)


def _flatten(args: tuple[Any, ...]) -> tuple[list[Any], tuple[Any, ...]]:
    flat: list[Any] = []
    shape: list[Any] = []
    for arg in args:
        if isinstance(arg, _MANY):
            padded = _padded(_held(list(arg)))
            flat += padded
            shape.append((len(padded), _kind(padded[0])))
        else:
            flat.append(arg)
            shape.append(_kind(arg))
    return flat, tuple(shape)


def _arrays(args: tuple[Any, ...]) -> tuple[list[Any], tuple[Any, ...]]:
    """Return the values where the database takes a list as one: then its length decides nothing."""
    flat = [_held(list(arg)) if isinstance(arg, _MANY) else arg for arg in args]
    return flat, tuple(
        (_IN_MARKS, _kind(value[0])) if isinstance(value, list) else _kind(value) for value in flat
    )


def _spread(flat: list[Any]) -> Iterator[Any]:
    for value in flat:
        yield from [value[0]] * _IN_MARKS if isinstance(value, list) else [value]


def _with_arrays(sql: str, places: tuple[Any, ...], flat: list[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the statement with ``= ANY(array)`` for each ``IN`` of a list among the arguments."""
    arguments = [
        argument
        for argument, value in enumerate(flat)
        for _ in range(_IN_MARKS if isinstance(value, list) else 1)
    ]
    left, moved = list(places), []

    def move(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return found[0]
        taken = [left.pop(0) for _ in range(found[0].count("%s"))]
        named = [arguments[each.number] if isinstance(each, _Place) else None for each in taken]
        if len(named) == _IN_MARKS and named[0] is not None and isinstance(flat[named[0]], list):
            moved.append(_Place(named[0]))
            return "= ANY(%s)"
        moved.extend(each if name is None else _Place(name) for each, name in zip(taken, named, strict=True))
        return found[0]

    return _MARKS.sub(move, sql), tuple(moved)


def _sizes(shape: tuple[Any, ...]) -> Iterator[int]:
    for part in shape:
        yield part[0] if isinstance(part, tuple) else 1


def _held(values: list[Any]) -> list[Any]:
    """Return the values of a list without the numbers that no column can hold."""
    if not values:
        raise Unpreparable(EMPTY)
    if {type(value) for value in values} == {int}:
        if min(values) >= _LEAST and max(values) <= _MOST:
            return values
        values = [value for value in values if _LEAST <= value <= _MOST]
        if not values:
            raise NoSuchNumber
    if len({_kind(value) for value in values}) > 1:
        raise Unpreparable("a list holds values of one kind")
    return values


def _padded(values: list[Any]) -> list[Any]:
    size = 1 << (len(values) - 1).bit_length()
    return values + values[-1:] * (size - len(values))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        raise Unpreparable("a truth value decides the statement: write two functions")
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        raise NoSuchNumber
    for kind in (int, str, datetime):
        if isinstance(value, kind):
            return kind.__name__
    raise Unpreparable(f"{type(value).__name__} cannot be a parameter here")


def _mark(number: int, value: Any) -> Any:
    if isinstance(value, int):
        return _FIRST_NUMBER + number
    if isinstance(value, str):
        return f"\ue000prepared{number}\ue000"
    return _FIRST_MOMENT + timedelta(seconds=number)


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _hashable(value: Any) -> bool:
    return isinstance(value, int | str | datetime)
