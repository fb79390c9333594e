"""``rapport receive``: one mail on standard input, handed over by the pipe of an MTA.

Exit code 0 only after the commit, otherwise 75 (EX_TEMPFAIL of sysexits.h), so that the MTA keeps the mail
and tries again. An MTA starts this for every mail, so it writes with the database driver alone: Django would
take ten times as long to start as the work takes. Mails too large for the table take the long way.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rapport.inboxes.addresses import spellings, storable
from rapport.inboxes.raw_key import raw_key
from rapport.kernel.db.database_url import parse

if TYPE_CHECKING:
    import sqlite3

    import psycopg

TEMPORARY_FAILURE = 75
SMALL = 64 * 1024
WAIT_SECONDS = 30.0
DATABASE_FILE = "rapport.sqlite3"
_FIND = (
    "SELECT id, active FROM inboxes_inbox WHERE kind = 'email' AND lower(address) IN (?, ?) "
    "ORDER BY CASE WHEN lower(address) = ? THEN 0 ELSE 1 END"
)
_INSERT = (
    "INSERT INTO inboxes_rawinbound (inbox_id, unique_key, envelope_from, envelope_to, size, received_at, "
    "run_at, source, origin, outcome, reason, verdicts, shown_from, shown_subject, state, attempts, worker, "
    "last_error) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, 'pipe', 'live', '', '', '[]', '', '', 'queued', 0, '', '') "
    "ON CONFLICT (unique_key) DO NOTHING RETURNING id"
)
_INSERT_BODY = "INSERT INTO inboxes_rawbody (raw_id, content) VALUES (?, ?)"
_NOTE_ARRIVAL = (
    "UPDATE inboxes_inbox SET last_received_at = ? WHERE id = ? "
    "AND (last_received_at IS NULL OR last_received_at < ?)"
)


class Undeliverable(Exception):
    """The mail cannot be taken now; the message says why."""


class Mail(NamedTuple):
    """What the MTA handed over."""

    content: bytes
    sender: str
    recipient: str


def main(arguments: list[str], *, data: Path, database_url: str) -> int:
    """Store the mail of standard input; returns the exit code and says on standard error what went wrong.

    Args:
        arguments: The command line without its name: ``--recipient ADDRESS``, ``--sender ADDRESS``.
        data: The data folder of the installation.
        database_url: Its PostgreSQL database; empty for SQLite in the data folder.

    """
    parser = argparse.ArgumentParser(prog="rapport receive")
    parser.add_argument("--recipient", "--inbox", default=os.environ.get("ORIGINAL_RECIPIENT", ""))
    parser.add_argument("--sender", default=os.environ.get("SENDER", ""))
    try:
        given = parser.parse_args(arguments)
        mail = Mail(sys.stdin.buffer.read(), given.sender, given.recipient)
        receive(mail, data=data, database_url=database_url)
    except SystemExit as refused:
        return TEMPORARY_FAILURE if refused.code else 0
    except Undeliverable as reason:
        print(f"rapport receive: {reason}", file=sys.stderr)  # noqa: T201
        return TEMPORARY_FAILURE
    except BaseException as error:
        # Whatever it is, the MTA must keep the mail.
        print(f"rapport receive: not stored: {error!r}", file=sys.stderr)  # noqa: T201
        return TEMPORARY_FAILURE
    return 0


def receive(mail: Mail, *, data: Path, database_url: str) -> None:
    """Store one mail; returns after the commit.

    Raises:
        Undeliverable: no active inbox has the recipient's address.

    """
    if not mail.recipient:
        raise Undeliverable("say for whom the mail is: --recipient ADDRESS, or ORIGINAL_RECIPIENT")
    if len(mail.content) > SMALL:
        _receive_large(mail)
    elif database_url:
        _receive_on_postgres(mail, database_url)
    else:
        _receive_on_sqlite(mail, data.resolve() / DATABASE_FILE)


def _receive_on_sqlite(mail: Mail, path: Path) -> None:
    import sqlite3

    from rapport.kernel.db.turnstile import Turnstile

    if not path.exists():
        raise Undeliverable(f"there is no database at {path}; run rapport migrate")
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    turnstile = Turnstile(path, timeout=WAIT_SECONDS)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        # The worker moves the write-ahead log: a mail server that waits for its 250 shall not.
        connection.execute("PRAGMA wal_autocheckpoint=16384")
        turnstile.enter()
        connection.execute("BEGIN IMMEDIATE")
        _write(connection, mail, mark="?", moment=lambda at: at.replace(tzinfo=None).isoformat(" "))
        connection.execute("COMMIT")
    finally:
        connection.close()
        turnstile.close()


def _receive_on_postgres(mail: Mail, url: str) -> None:
    import psycopg

    where: dict[str, Any] = {"connect_timeout": int(WAIT_SECONDS), **parse(url)}
    with psycopg.connect(**where) as connection:
        _write(connection, mail, mark="%s", moment=lambda at: at)
        connection.execute("SELECT pg_notify('rapport', 'queue:ingest')")


def _write(
    connection: "sqlite3.Connection | psycopg.Connection[tuple[Any, ...]]",
    mail: Mail,
    *,
    mark: str,
    moment: Any,
) -> None:
    exact, plain = spellings(mail.recipient)
    found = connection.execute(_FIND.replace("?", mark), (exact, plain, exact)).fetchone()
    if found is None or not found[1]:
        raise Undeliverable(f"no active inbox has the address {mail.recipient}")
    inbox, now = found[0], moment(datetime.now(UTC))
    values = (
        *(inbox, raw_key(mail.content, inbox), storable(mail.sender), storable(mail.recipient)),
        *(len(mail.content), now, now),
    )
    row = connection.execute(_INSERT.replace("?", mark), values).fetchone()
    if row is None:
        return
    connection.execute(_INSERT_BODY.replace("?", mark), (row[0], mail.content))
    connection.execute(_NOTE_ARRIVAL.replace("?", mark), (now, inbox, now))


def _receive_large(mail: Mail) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    django.setup()
    from rapport.inboxes.actions.store_raw import store_raw
    from rapport.inboxes.queries.by_address import inbox_by_address

    inbox = inbox_by_address(mail.recipient)
    if inbox is None or not inbox.active:
        raise Undeliverable(f"no active inbox has the address {mail.recipient}")
    store_raw(
        inbox=inbox,
        content=mail.content,
        source="pipe",
        envelope_from=storable(mail.sender),
        envelope_to=storable(mail.recipient),
    )
