"""Makes SQLite refuse, in test runs, what PostgreSQL refuses: words too long for their column, and NUL.

Every INSERT and UPDATE of Django asks the field for the database's form of a value; the check stands there.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db import DataError, models
from django.db.backends.base.base import BaseDatabaseWrapper

NUL = "\0"
NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def pytest_configure() -> None:
    """Check every value on its way into a column of words, and raise what PostgreSQL's driver raises."""
    prepare: Callable[..., Any] = models.Field.get_db_prep_save

    def get_db_prep_save(field: "models.Field[Any, Any]", value: Any, connection: BaseDatabaseWrapper) -> Any:
        prepared = prepare(field, value, connection)
        if connection.vendor == "sqlite" and isinstance(prepared, str):
            _refuse(field, prepared)
        return prepared

    models.Field.get_db_prep_save = get_db_prep_save  # type: ignore[method-assign, assignment]


def _refuse(field: "models.Field[Any, Any]", value: str) -> None:
    longest = field.max_length if isinstance(field, models.CharField) else None
    if longest is not None and len(value) > longest:
        raise DataError(f"{len(value)} characters are too many for {field} ({longest})")
    if NUL in value or (isinstance(field, models.JSONField) and NUL_IN_JSON.search(value)):
        raise DataError(f"NUL in {field}")
