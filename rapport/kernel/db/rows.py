"""Writing single rows by statements that are built once; a third of the time of ``Model.save``.

Everything that comes in or goes out writes a dozen rows. Models that count on signals or on ``save``
overrides would miss them here; this house has none.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from rapport.kernel.db.writing import write

M = TypeVar("M", bound=models.Model)
Fields = tuple["models.Field[Any, Any]", ...]


def insert(row: M) -> M:
    """Insert ``row``, whose key the database gives, and return it."""
    if not insert_unless_taken(row):  # pragma: no cover - without ON CONFLICT a row always comes back
        raise LookupError("nothing was inserted")
    return row


def insert_unless_taken(row: models.Model, *unique: str) -> bool:
    """Insert ``row`` unless one with the same ``unique`` columns is here; tell whether it was inserted.

    Unlike a refused INSERT, it needs no savepoint around it.
    """
    statement, fields = _insertion(type(row), unique)
    given = write(statement, _values(row, fields, add=True))
    if not given:
        return False
    row.pk = given[0][0]
    row._state.adding = False
    row._state.db = connection.alias
    return True


def update(row: models.Model, names: Iterable[str]) -> None:
    """Write the named attributes (``status``, ``team_id``) of a row that is in the database."""
    settings, values = assignments(row, tuple(names))
    quote = connection.ops.quote_name
    table, key = quote(row._meta.db_table), quote(str(_key(type(row)).column))
    write(f"UPDATE {table} SET {settings} WHERE {key} = %s", [*values, row.pk])  # noqa: S608


def assignments(row: models.Model, names: tuple[str, ...]) -> tuple[str, list[Any]]:
    """Return the SET part of an UPDATE that writes the named attributes, and its parameters."""
    sql, fields = _assignments(type(row), names)
    return sql, _values(row, fields, add=False)


def _values(row: models.Model, fields: Fields, *, add: bool) -> list[Any]:
    here, held = connections[DEFAULT_DB_ALIAS], row.__dict__
    values = []
    for field in fields:
        value = held.get(field.attname)
        # Going past the field's own conversions: they cost more than writing. But psycopg gives a number the
        # smallest type that holds it: one statement would be prepared as several.
        if type(field) not in _AS_IT_IS.get(type(value), ()):
            value = field.get_db_prep_save(field.pre_save(row, add=add), here)
        elif type(value) is int:
            value = here.ops.adapt_integerfield_value(value, "BigIntegerField")
        values.append(value)
    return values


_AS_IT_IS: dict[type, frozenset[type]] = {
    type(None): frozenset({models.BigIntegerField, models.ForeignKey, models.OneToOneField}),
    bool: frozenset({models.BooleanField}),
    str: frozenset({models.CharField, models.TextField}),
    int: frozenset(
        {
            models.BigIntegerField,
            models.ForeignKey,
            models.IntegerField,
            models.OneToOneField,
            models.PositiveBigIntegerField,
            models.PositiveIntegerField,
            models.PositiveSmallIntegerField,
            models.SmallIntegerField,
        }
    ),
}
"""Of exactly these fields a value of exactly this type goes to the database as it is."""


@cache
def _insertion(model: type[models.Model], unique: tuple[str, ...]) -> tuple[str, Fields]:
    quote = connection.ops.quote_name
    fields = tuple(
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField | models.BigAutoField)
    )
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    conflict = f" ON CONFLICT ({', '.join(map(quote, unique))}) DO NOTHING" if unique else ""
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places}){conflict} "  # noqa: S608
        f"RETURNING {quote(str(_key(model).column))}",
        fields,
    )


@cache
def _assignments(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, Fields]:
    by_name = {str(field.attname): field for field in model._meta.concrete_fields}
    fields = tuple(by_name[name] for name in names)
    return ", ".join(f"{connection.ops.quote_name(str(field.column))} = %s" for field in fields), fields


def _key(model: type[models.Model]) -> "models.Field[Any, Any]":
    key = model._meta.pk
    assert key is not None
    return key
