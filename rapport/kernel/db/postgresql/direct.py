"""Running a prepared statement straight through libpq: no generators, no cursor, one call that waits in C.

psycopg's own way costs more than the server does for the small statements that a page and a mail are made of.
Transactions are psycopg's all the same; where one is to begin with a statement, it begins here as there.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import Binary, Connection
from psycopg._preparing import PrepareManager
from psycopg.adapt import Transformer
from psycopg.errors import DataError, Error, OperationalError, error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.json import Jsonb

_MARK = re.compile(r"%(s|%)")
_BETWEEN = (TransactionStatus.IDLE, TransactionStatus.INTRANS)
_INTEGER, _INTEGERS, _TEXTS, _MOMENT, _UNKNOWN = 20, 1016, 1009, 1184, 0
"""Object ids of the server's types (``pg_type``); of an unknown one the server thinks by the place."""
_BINARY = (bytes, Binary)
MOST: Final = 500
"""Statements that a connection keeps prepared; beyond that others go the long way."""
WIDEST: Final = 60
"""Values of a statement that writes; longer ones write many rows, and each number of rows is a statement."""


Names = dict[tuple[str, tuple[int, ...] | None], bytes]


class PreparedByDriver(PrepareManager):
    """What psycopg has prepared on a connection; where it gives up all, after a rollback, ours go too."""

    def __init__(self, ours: Names) -> None:
        super().__init__()
        self._ours = ours

    def clear(self) -> bool:
        """Forget all statements; tell whether there were any, which the server is then told to forget."""
        told = super().clear()
        if told:
            self._ours.clear()
        return told

    def is_clearing(self) -> bool:
        """Tell whether statements of the server end before psycopg's next one."""
        return bool(self._to_flush)


class Direct:
    """The statements that one connection has prepared to be run directly."""

    def __init__(self, connection: Connection[Any]) -> None:
        """Take an open connection on which nothing was prepared yet."""
        self._connection = connection
        self._count = 0
        self._names: Names = {}
        self._theirs = PreparedByDriver(self._names)
        self._theirs.prepare_threshold = connection.prepare_threshold
        connection._prepared = self._theirs
        self._transformer = Transformer(connection)

    def can(self, values: Sequence[Any]) -> bool:
        """Tell whether a SELECT with these values may be run directly now."""
        return self._is_open() and all(map(_is_plain, values))

    def can_write(self, values: Sequence[Any]) -> bool:
        """Tell whether a statement that writes these values may be run directly now."""
        return self._is_open() and len(values) <= WIDEST and None not in map(_writer, values)

    def _is_open(self) -> bool:
        if self._theirs.is_clearing():
            return False
        return self._connection.autocommit or self._connection.pgconn.transaction_status in _BETWEEN

    def forget(self) -> None:
        """Prepare everything anew, psycopg's statements too."""
        self._theirs.clear()
        self._names.clear()

    def rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """Return the rows of a SELECT with Django's marks; None where no more may be prepared.

        A signal is handled once the server has answered. Raises psycopg's errors.
        """
        name = self._name(query, tuple(map(_oid, values)))
        return None if name is None else self._run(name, [_DUMPERS[type(value)](value) for value in values])

    def write(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """Run a statement that writes, and return the rows that it gives back, as ``rows`` does.

        The columns say what the values are: with or without a value it is one statement to the server.
        """
        name = self._name(query, None)
        if name is None:
            return None
        given = [_WRITERS[type(value)](value) for value in values]
        formats = [Format.BINARY if isinstance(value, _BINARY) else Format.TEXT for value in values]
        return self._run(name, given, formats)

    def _run(
        self, name: bytes, given: Sequence[Any], formats: Sequence[int] | None = None
    ) -> list[tuple[Any, ...]]:
        result = self._connection.pgconn.exec_prepared(name, given, formats)
        if result.status == ExecStatus.COMMAND_OK:
            return []
        if result.status != ExecStatus.TUPLES_OK:
            raise self._error(result)
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def commit(self) -> bool:
        """End the transaction that is open; False where there is none, or it failed. Raises as ``rows``."""
        pgconn = self._connection.pgconn
        if pgconn.transaction_status != TransactionStatus.INTRANS:
            return False
        result = pgconn.exec_(b"COMMIT")
        if result.status != ExecStatus.COMMAND_OK:
            raise self._error(result)
        return True

    def set_autocommit(self, value: bool) -> bool:
        """Say whether statements end by themselves from now on; False where a transaction is open."""
        if self._connection.pgconn.transaction_status != TransactionStatus.IDLE:
            return False
        self._connection._autocommit = value
        return True

    def _begin(self) -> None:
        connection = self._connection
        if connection.autocommit or connection.pgconn.transaction_status != TransactionStatus.IDLE:
            return
        result = connection.pgconn.exec_(connection._get_tx_start_command())
        if result.status != ExecStatus.COMMAND_OK:
            raise self._error(result)

    def _name(self, query: str, types: tuple[int, ...] | None) -> bytes | None:
        self._begin()
        key = (query, types)
        name = self._names.get(key)
        if name is None and len(self._names) < MOST:
            self._count += 1
            name = b"direct_%d" % self._count
            result = self._connection.pgconn.prepare(name, _numbered(query), types)
            if result.status != ExecStatus.COMMAND_OK:
                raise self._error(result)
            self._names[key] = name
        return name

    def _error(self, result: PGresult) -> Error:
        pgconn, encoding = self._connection.pgconn, self._connection.info.encoding
        if pgconn.status != ConnStatus.OK and result.error_field(DiagnosticField.SQLSTATE) is None:
            # libpq's own word on a lost connection, of which psycopg would not tell the kind.
            return OperationalError(pgconn.get_error_message(encoding))
        return error_from_result(result, encoding=encoding)


def _numbered(query: str) -> bytes:
    """Return a statement with the server's numbered marks in place of Django's."""
    count = 0

    def number(mark: re.Match[str]) -> str:
        nonlocal count
        if mark[1] == "%":
            return "%"
        count += 1
        return f"${count}"

    return _MARK.sub(number, query).encode()


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind in _OIDS or (kind is list and set(map(type, value)) in _ELEMENTS)


def _oid(value: Any) -> int:
    if type(value) is list:
        return _INTEGERS if type(value[0]) is int else _TEXTS
    return _OIDS[type(value)]


def _text(value: str) -> bytes:
    # libpq reads a text to the first NUL: half a value must not be taken for a whole one.
    if "\0" in value:
        raise DataError("PostgreSQL text cannot contain NUL (0x00) bytes")
    return value.encode()


def _json(value: Jsonb) -> bytes:
    written = value.dumps(value.obj) if value.dumps else json.dumps(value.obj)
    return written if isinstance(written, bytes) else written.encode()


def _writer(value: Any) -> Any:
    """Return what makes bytes of a value, by its type or the first that it is one of; None where nothing."""
    kind = type(value)
    if kind not in _WRITERS:
        known = (writer for each, writer in tuple(_WRITERS.items()) if issubclass(kind, each))
        _WRITERS[kind] = next(known, None)
    return _WRITERS[kind]


def _array(values: list[Any]) -> bytes:
    """Return an array as text (PostgreSQL 8.15.6); of texts each is quoted."""
    if type(values[0]) is int:
        return b"{%s}" % ",".join(map(str, values)).encode()
    quoted = ('"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"')) for text in values)
    return _text("{{{}}}".format(",".join(quoted)))


_ELEMENTS = ({int}, {str})
_OIDS = {int: _INTEGER, str: _UNKNOWN, datetime: _MOMENT}
_DUMPERS: dict[type, Any] = {
    int: lambda value: b"%d" % value,
    str: _text,
    datetime: lambda value: value.isoformat().encode(),
    list: _array,
}
_WRITERS: dict[type, Any] = {
    type(None): lambda _value: None,
    bool: lambda value: b"t" if value else b"f",
    int: lambda value: b"%d" % value,
    str: _text,
    datetime: lambda value: value.isoformat().encode(),
    bytes: lambda value: value,
    Binary: lambda value: bytes(value.obj),
    Jsonb: _json,
}
"""A truth value is a number to Python, so it stands before the numbers."""
