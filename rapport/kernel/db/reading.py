"""What makes of a database row what iterating over its queryset gives, without the way through the ORM.

For a page of a few hundred rows the way through ``Model.__init__``, its signals and Django's general
converters costs more than the database does.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    get_related_populators,
)

Reader = Callable[[Sequence[Any]], Any]
Convert = Callable[[Any], Any]


def reader(queryset: QuerySet[Any, Any], compiler: Any) -> Reader:
    """Return what makes of a row of ``compiler`` what iterating over ``queryset`` would give."""
    make = _maker(queryset, compiler)
    columns = [column[0] for column in compiler.select]
    converters = [
        (place, _convert(converts, expression))
        for place, (converts, expression) in compiler.get_converters(columns).items()
    ]
    if not converters:
        return make

    def read(row: Sequence[Any]) -> Any:
        values = list(row)
        for place, convert in converters:
            values[place] = convert(values[place])
        return make(values)

    return read


def _convert(converts: Sequence[Any], expression: Any) -> Convert:
    """Return one function for all that Django would do to a value of this column."""
    if len(converts) == 1:
        name, field = converts[0].__name__, getattr(expression, "target", None)
        # Of a column alone the driver knows that it holds moments; what is computed comes as text.
        if name == "convert_datetimefield_value" and connection.vendor == "sqlite" and field is not None:
            return _moment
        if type(field) is JSONField and field.decoder is None and converts[0].__self__ is field:
            return _document

    def convert(value: Any) -> Any:
        for each in converts:
            value = each(value, expression, connection)
        return value

    return convert


def _moment(value: datetime | None) -> datetime | None:
    """Return the moment that SQLite's driver has read as its digits in UTC."""
    return None if value is None else value.replace(tzinfo=UTC)


def _document(value: str | None) -> Any:
    if value == "[]":
        return []
    return None if value is None else json.loads(value)


def _maker(queryset: QuerySet[Any, Any], compiler: Any) -> Reader:
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
    instance_of = _instance_maker(klass["model"], names)

    def make(row: Sequence[Any]) -> Model:
        instance = instance_of(row[start:end])
        for populator in populators:
            populator.populate(row, instance)
        for name, place in (annotations or {}).items():
            setattr(instance, name, row[place])
        return instance

    return make


def _instance_maker(model: type[Model], names: list[str]) -> Callable[[Sequence[Any]], Model]:
    """Return what ``model.from_db`` does for a model that adds nothing to it and to its construction."""
    if model.__init__ is not Model.__init__ or "from_db" in vars(model):
        return lambda values: model.from_db("default", names, values)

    def instance_of(values: Sequence[Any]) -> Model:
        instance = model.__new__(model)
        instance.__dict__.update(zip(names, values, strict=True))
        instance._state = state = ModelState()
        state.adding, state.db = False, "default"
        return instance

    return instance_of
