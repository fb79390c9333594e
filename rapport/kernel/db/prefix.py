"""Texts that begin with something, found by an index on both databases."""

from django.db import connection
from django.db.models import Q

LAST = "\U0010ffff"


def beginning_with(column: str, text: str) -> Q:
    """Return the condition that ``column`` begins with ``text``, as an index serves it.

    PostgreSQL needs LIKE and an index with ``varchar_pattern_ops``; SQLite's index serves no LIKE with an
    ESCAPE, but compares bytes, so a range is the same.
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": text})
    return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST})
