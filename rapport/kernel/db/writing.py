"""Statements that write and run many times: each mail is two dozen of them."""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def write(sql: str, values: Sequence[Any]) -> list[Any]:
    """Run a statement that writes, and return the rows that it gives back (``RETURNING``).

    On PostgreSQL it goes past the cursors, which cost more than the server does, unless they are watched.
    What type a value is must follow from its place: a column, or the only argument of a function.
    """
    here = connections[DEFAULT_DB_ALIAS]
    watched = here.execute_wrappers or here.queries_logged
    if here.vendor == "postgresql" and not watched:
        return here.write(sql, values)  # type: ignore[attr-defined, no-any-return]  # our own backend
    with here.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []
