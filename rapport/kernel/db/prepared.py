"""Statements that the ORM builds once and that then run many times with other values.

Building a statement costs Django about a millisecond, running it a tenth of that. A function decorated with
:func:`prepared` says in the ORM's words what it reads; its body runs once per shape of its arguments, with
marks in place of the values, and later calls put their values where the marks stood.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    get_related_populators,
)

P = ParamSpec("P")
Row = TypeVar("Row")
_LEAST, _MOST = -(2**63), 2**63 - 1
_FIRST_NUMBER = 1_987_654_000
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
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall()
        return [statement.read(row) for row in rows]

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
        flat, shape = _flatten(args)
        key = (connection.vendor, shape)
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
        marks = [_mark(number, value) for number, value in enumerate(flat)]
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
        return _Statement(sql, places, _reader(queryset, compiler))


def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Prepared[P, Row]:
    """Let the ORM build this read once per shape of its arguments.

    ``build`` may only pass its arguments into lookups; what it decides by their value must be another
    function. Lists of ids are padded to a power of two by repeating the last one, so few shapes exist.
    """
    return Prepared(build)


_MANY = (list, tuple, set, frozenset)


def _flatten(args: tuple[Any, ...]) -> tuple[list[Any], tuple[Any, ...]]:
    flat: list[Any] = []
    shape: list[Any] = []
    for arg in args:
        if isinstance(arg, _MANY):
            padded = _padded(list(arg))
            flat += padded
            shape.append((len(padded), _kind(padded[0])))
        else:
            flat.append(arg)
            shape.append(_kind(arg))
    return flat, tuple(shape)


def _sizes(shape: tuple[Any, ...]) -> Iterator[int]:
    for part in shape:
        yield part[0] if isinstance(part, tuple) else 1


def _padded(values: list[Any]) -> list[Any]:
    if not values:
        raise Unpreparable("an empty list finds nothing: do not ask the database")
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


def _reader(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """Return what makes of a database row what iterating over ``queryset`` would give."""
    converters = [
        (place, converts, expression)
        for place, (converts, expression) in compiler.get_converters(
            [column[0] for column in compiler.select]
        ).items()
    ]
    make = _maker(queryset, compiler)
    if not converters:
        return make

    def read(row: Sequence[Any]) -> Any:
        values = list(row)
        for place, converts, expression in converters:
            for convert in converts:
                values[place] = convert(values[place], expression, connection)
        return make(values)

    return read


def _maker(queryset: QuerySet[Any, Any], compiler: Any) -> Callable[[Sequence[Any]], Any]:
    iterable: Any = queryset._iterable_class  # the only word on what rows become
    if issubclass(iterable, ModelIterable):
        return _instances(compiler)
    if issubclass(iterable, ValuesIterable):
        names = list(queryset.query.selected or queryset.query.values_select)
        return lambda row: dict(zip(names, row, strict=True))
    if issubclass(iterable, FlatValuesListIterable):
        return lambda row: row[0]
    return tuple


def _instances(compiler: Any) -> Callable[[Sequence[Any]], Model]:
    select, klass, annotations = compiler.select, compiler.klass_info, compiler.annotation_col_map
    fields = klass["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    populators = get_related_populators(klass, select, "default")  # type: ignore[call-arg]  # of Django 6.1
    model: type[Model] = klass["model"]

    def make(row: Sequence[Any]) -> Model:
        instance = model.from_db("default", names, row[start:end])
        for populator in populators:
            populator.populate(row, instance)
        for name, place in (annotations or {}).items():
            setattr(instance, name, row[place])
        return instance

    return make
