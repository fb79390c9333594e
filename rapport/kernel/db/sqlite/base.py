"""Django's SQLite backend whose writers take turns at a turnstile (``rapport.kernel.db.turnstile``)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from rapport.kernel.db.turnstile import Turnstile, TurnstileTimeout

WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM", "REINDEX", "ANALYZE")


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose single writes outside a transaction take a turn of their own."""

    turnstile: Turnstile | None = None

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement."""
        return self._in_turn(query, lambda: super(Cursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run one statement with each set of parameters."""
        return self._in_turn(query, lambda: super(Cursor, self).executemany(query, param_list))

    def _in_turn(self, query: str, run: Callable[[], Any]) -> Any:
        turnstile = self.turnstile
        if (
            turnstile is None
            or turnstile.held
            or self.connection.in_transaction
            or not query.lstrip()[:8].upper().startswith(WRITING)
        ):
            return run()
        with _turn(turnstile):
            return run()


@contextmanager
def _turn(turnstile: Turnstile) -> Iterator[None]:
    _enter(turnstile)
    try:
        yield
    finally:
        turnstile.leave()


def _enter(turnstile: Turnstile) -> None:
    try:
        turnstile.enter()
    except TurnstileTimeout as error:
        raise OperationalError(f"database is locked: {error}") from error
    except OSError as error:
        raise OperationalError(f"no turn to write could be had: {error}") from error


@cache
def _marks(query: str) -> str:
    """Return a statement with the driver's marks in place of Django's."""
    return str(base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


_Base: Any = base.DatabaseWrapper


class DatabaseWrapper(_Base):  # type: ignore[misc]  # its private methods have no stubs
    """A connection that enters the turnstile before BEGIN IMMEDIATE and leaves it after the end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turnstile: Turnstile | None = None
        self._turnstile_of = ""

    @property
    def turnstile(self) -> Turnstile | None:
        """The turnstile of the present database file; None for a database in memory."""
        name = str(self.settings_dict["NAME"])
        if name != self._turnstile_of:
            if self._turnstile is not None:
                self._turnstile.close()
            timeout = float(self.settings_dict["OPTIONS"].get("timeout", 5))
            in_memory = self.creation.is_in_memory_db(name)
            self._turnstile = None if in_memory else Turnstile(Path(name), timeout=timeout)
            self._turnstile_of = name
        return self._turnstile

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection; the one that makes the file takes a turn, as going over to WAL cannot wait."""
        turnstile = self.turnstile
        path = Path(str(self.settings_dict["NAME"]))
        if turnstile is None or turnstile.held or (path.exists() and path.stat().st_size):
            return super().get_new_connection(conn_params)
        with _turn(turnstile):
            return super().get_new_connection(conn_params)

    def read(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a SELECT, past the cursors around the driver's, which cost as much as it does.

        Wrappers and logs of statements do not see it: where there are any, use a cursor.
        """
        self.ensure_connection()
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            return list(self.connection.execute(_marks(query), values))

    def checkpoint(self, *, alone: bool = False) -> int:
        """Move what was committed from the write-ahead log into the database; return the pages of the log.

        ``alone`` keeps writers out meanwhile, so that the next one finds everything moved and begins the log
        anew. Outside a transaction.
        """
        with self.cursor() as cursor, _turn(cursor.cursor.turnstile) if alone else nullcontext():
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            return int(cursor.fetchone()[1])

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002  signature of Django
        """Return a cursor that knows the turnstile."""
        cursor = self.connection.cursor(factory=Cursor)
        cursor.turnstile = self.turnstile
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        turnstile = self.turnstile
        if turnstile is None or turnstile.held:
            super()._start_transaction_under_autocommit()
            return
        _enter(turnstile)
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            turnstile.leave()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            if self._turnstile is not None:
                self._turnstile.close()

    def _leave(self) -> None:
        if self._turnstile is not None:
            self._turnstile.leave()
