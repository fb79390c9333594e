"""Django's PostgreSQL backend that runs prepared statements and reads moments at half the cost."""

import select
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Error
from psycopg.abc import Buffer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName
from psycopg.types.datetime import TimestamptzLoader

from rapport.kernel.db.postgresql.direct import Direct


class MomentLoader(TimestamptzLoader):
    """Reads a moment as the server writes it to a connection in UTC; psycopg's own takes seven times as long.

    ``timezone`` is what Django asks of a loader (``django.db.backends.postgresql.psycopg_any``).
    """

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        """Return the moment in UTC; raises what psycopg's loader raises."""
        try:
            moment = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data)
        return moment if moment.tzinfo is UTC else super().load(data)


Way = Callable[[str, Sequence[Any]], "list[tuple[Any, ...]] | None"]
_Base: Any = base.DatabaseWrapper


class DatabaseWrapper(_Base):  # type: ignore[misc]  # its private methods have no stubs
    """A connection with a way of its own for what ``prepared`` reads and ``rows`` and others write."""

    _direct: Direct

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection that reads moments by our loader."""
        opened = super().get_new_connection(conn_params)
        opened.adapters.register_loader("timestamptz", MomentLoader)
        self._direct = Direct(opened)
        return opened

    def is_usable(self) -> bool:
        """Tell whether the server still holds the connection; asked before the first statement of a request.

        Django's own way is a statement more. Where the server has closed it, restarting or by a time limit,
        the socket has something to read; only then is it asked.
        """
        try:
            waiting = select.poll()
            waiting.register(self.connection.fileno(), select.POLLIN)
            return not waiting.poll(0) or bool(super().is_usable())
        except Error:
            return False

    def read(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a SELECT, past all cursors where that may be; they cost more than the server.

        Wrappers and logs of statements do not see it: where there are any, use a cursor. A statement that was
        prepared in vain, as another connection has changed the table, is run again; inside a transaction it
        is an error once.
        """
        self._ready()
        direct = self._direct
        return self._run(direct.rows if direct.can(values) else None, query, values)

    def write(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Run a statement that writes, and return the rows that it gives back; see ``read``."""
        self._ready()
        direct = self._direct
        return self._run(direct.write if direct.can_write(values) else None, query, values)

    def _set_autocommit(self, autocommit: bool) -> None:
        if not self._direct.set_autocommit(autocommit):
            super()._set_autocommit(autocommit)

    def _commit(self) -> None:
        if self.connection is not None and not self.queries_logged:
            with self.wrap_database_errors:
                if self._direct.commit():
                    return
        super()._commit()

    def _ready(self) -> None:
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_no_broken_transaction()

    def _run(self, directly: Way | None, query: str, values: Sequence[Any]) -> list[Any]:
        with self.wrap_database_errors:
            if directly is not None:
                try:
                    found = directly(query, values)
                except (FeatureNotSupported, InvalidSqlStatementName):
                    # The table has other columns now, or a pooler has thrown away what was prepared.
                    self._direct.forget()
                    if not self.connection.autocommit:
                        raise
                else:
                    if found is not None:
                        return found
            with self.connection.cursor() as cursor:
                cursor.execute(query, values)
                return list(cursor.fetchall()) if cursor.description else []
