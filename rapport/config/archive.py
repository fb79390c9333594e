"""Backups: one tar file with the database, the files and the secret key.

The database is copied first, by its own means and without stopping anybody; files after it. A file is
written before the row that names it and swept an hour after nothing names it, so each row of the copy finds
its file, whatever happens meanwhile.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rapport.config import unfinished
from rapport.config.environment import Environment
from rapport.config.unfinished import Busy, Mark
from rapport.kernel.db import database_url

MANIFEST = "manifest.json"
SQLITE = "rapport.sqlite3"
POSTGRES = "rapport.pgdump"
LOGS = (f"{SQLITE}-wal", f"{SQLITE}-shm", f"{SQLITE}-journal")
SECRET = "secret_key"
FILES = "files"
FORMER = "former"
"""The key that was in the folder before, until the restore is through."""
FORMAT = 1
# What was due by the clock when the backup was made is added anew by the clock of a resumed copy.
FORGET_TICKS = "DELETE FROM {}jobs_job WHERE state <> 'done' AND unique_key LIKE name || '@%'"
HOLD = "INSERT INTO {}jobs_hold (since, reason) VALUES ({}, {})"


class Failed(Exception):
    """The backup cannot be written or restored; the message says why and what is safe."""


def backup(environment: Environment, target: Path, *, force: bool = False) -> int:
    """Write everything to ``target`` and return its size in bytes; ``target`` appears only when it is whole.

    A file that is there already is replaced with ``force`` only, and then at the very end.

    Raises:
        Failed: ``target`` is taken, the database cannot be copied, or the file not written.

    """
    if target.exists() and not force:
        raise Failed(f"{target} exists and was left as it is. Name another file, or add --force.")
    data = environment.data.resolve()
    if why := unfinished.words(data):
        raise Failed(why)
    part = target.with_name(f"{target.name}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="backup-", dir=_run_folder(data)) as work:
            database = _copy_database(environment, Path(work))
            with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as tar:
                part.chmod(0o600)
                tar.add(_manifest(Path(work), database.name), MANIFEST)
                tar.add(database, database.name)
                for name in (SECRET, FILES):
                    if (data / name).exists():
                        tar.add(data / name, name)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    except OSError as error:
        raise Failed(f"the backup was not written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(environment: Environment, source: Path) -> str:
    """Make the empty installation a held copy of ``source``; return when the backup was made.

    Raises:
        Failed: the installation is not empty, or the file is no backup that fits it. Nothing was changed.

    """
    data = environment.data.resolve()
    work = _run_folder(data) / "restore"
    database = POSTGRES if environment.database_url else SQLITE
    try:
        with unfinished.alone(data) as mark:
            if SQLITE in {database, mark.database}:
                _refuse_logs(data)
            _take_back(mark.database, data, work)
            _refuse_installation(database, data)
            with mark.standing(database), _emptied(work), tarfile.open(source) as tar:
                tar.extractall(work, filter="data")
                return _put_in_place(environment, work, data, source.name, mark)
    except Busy:
        raise Failed(f"another restore into {data} is still at work. Wait until it has ended.") from None
    except (OSError, tarfile.TarError, sqlite3.Error) as error:
        raise Failed(f"{source} cannot be restored: {error}") from error


def _refuse_logs(data: Path) -> None:
    # SQLite would write the pages of a log that it finds beside a database into it, whoever's they are.
    if remains := [name for name in LOGS if (data / name).exists()]:
        raise Failed(
            f"{data} holds what a broken installation left behind: {', '.join(remains)}. Stop what still "
            "runs there and move these files away, or name an empty folder with RAPPORT_DATA."
        )


def _take_back(database: str, data: Path, work: Path) -> None:
    """Take back what an interrupted restore put in place; nothing was let into the folder since."""
    if not database:
        return
    if (work / FORMER).exists():
        (work / FORMER).replace(data / SECRET)
    if (data / FILES).exists():
        shutil.rmtree(data / FILES)
    if database == SQLITE:
        (data / SQLITE).unlink(missing_ok=True)


def _refuse_installation(database: str, data: Path) -> None:
    if database == SQLITE and (data / SQLITE).exists() and _in_use(data / SQLITE):
        raise Failed(f"{data} already holds an installation. Name an empty folder with RAPPORT_DATA.")
    if (data / FILES).exists() and any((data / FILES).iterdir()):
        raise Failed(f"{data / FILES} already holds files. Name an empty folder with RAPPORT_DATA.")


@contextmanager
def _emptied(work: Path) -> Iterator[None]:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(work)


def _in_use(database: Path) -> bool:
    """Tell whether there is more than the empty file that ``rapport check`` leaves on a fresh machine."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?immutable=1", uri=True)) as found:
            return found.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    except sqlite3.Error:
        return True


def _run_folder(data: Path) -> Path:
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _manifest(work: Path, database: str) -> Path:
    path = work / MANIFEST
    made = datetime.now(UTC).isoformat(timespec="seconds")
    path.write_text(json.dumps({"format": FORMAT, "database": database, "made": made}))
    return path


def _copy_database(environment: Environment, work: Path) -> Path:
    if environment.database_url:
        path = work / POSTGRES
        _postgres(environment.database_url, "pg_dump", "--format=custom", "--no-owner", f"--file={path}")
        return path
    path = work / SQLITE
    source = environment.data.resolve() / SQLITE
    if not source.exists():
        raise Failed(f"there is no database at {source}")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    return path


def _put_in_place(environment: Environment, work: Path, data: Path, name: str, mark: Mark) -> str:
    try:
        manifest = json.loads((work / MANIFEST).read_text())
        made, database = str(manifest["made"]), str(manifest["database"])
        if manifest["format"] != FORMAT:
            raise Failed(f"{name} was written by another version of Rapport (format {manifest['format']})")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed(f"{name} is no backup of Rapport") from error
    wanted = POSTGRES if environment.database_url else SQLITE
    if database != wanted:
        kind = "PostgreSQL" if database == POSTGRES else "SQLite"
        raise Failed(f"{name} is a backup of a {kind} installation; set RAPPORT_DATABASE_URL accordingly")
    reason = f"{_as_of(made)} from {name}"[:200]
    # The database comes last: with it the installation begins to exist.
    with _files_in_place(work, data):
        if environment.database_url:
            if not _already_restored(environment.database_url, made, mark):
                _restore_postgres(environment.database_url, work / POSTGRES, reason, mark)
        else:
            _hold_sqlite(work / SQLITE, reason)
            (work / SQLITE).chmod(0o600)
            (work / SQLITE).replace(data / SQLITE)
    return made


@contextmanager
def _files_in_place(work: Path, data: Path) -> Iterator[None]:
    """Put secret key and files in place, and back again where what follows does not succeed."""
    former = work / FORMER
    with ExitStack() as undo:
        if (work / SECRET).exists():
            if (data / SECRET).exists():
                (data / SECRET).replace(former)
                undo.callback(former.replace, data / SECRET)
            (work / SECRET).replace(data / SECRET)
            undo.callback((data / SECRET).replace, work / SECRET)
        if (work / FILES).exists():
            if (data / FILES).exists():
                (data / FILES).rmdir()
                undo.callback((data / FILES).mkdir, 0o700)
            (work / FILES).replace(data / FILES)
            undo.callback((data / FILES).replace, work / FILES)
        yield
        undo.pop_all()


def _hold_sqlite(path: Path, reason: str) -> None:
    with closing(sqlite3.connect(path)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Failed("the database in the backup is damaged")
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        copy.execute(FORGET_TICKS.format(""))
        copy.execute(HOLD.format("", "?", "?"), (now, reason))
        copy.commit()


def _as_of(made: str) -> str:
    return f"restored as of {made}"


def _already_restored(url: str, made: str, mark: Mark) -> bool:
    """Tell whether an interrupted restore of this backup had come as far as the database.

    Raises:
        Failed: the database holds something else.

    """
    import psycopg

    where: dict[str, Any] = {**database_url.parse(url)}
    with closing(psycopg.connect(**where)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        if not tables:
            return False
        if mark.database == POSTGRES and ("jobs_hold",) in tables:
            held = "SELECT 1 FROM public.jobs_hold WHERE starts_with(reason, %s)"
            if connection.execute(held, (_as_of(made),)).fetchone():
                return True
    raise Failed("the database already holds tables. Name an empty one with RAPPORT_DATABASE_URL.")


def _restore_postgres(url: str, dump: Path, reason: str, mark: Mark) -> None:
    from psycopg import sql

    script = dump.with_suffix(".sql")
    _postgres(url, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(dump))
    with script.open("a") as whole:
        hold = HOLD.format("public.", "now()", sql.Literal(reason).as_string())
        whole.write(f"{FORGET_TICKS.format('public.')};\n{hold};\n")
    # One transaction with the hold: a copy that was cut off half-way must never send.
    _postgres(
        url,
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--output=/dev/null",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--file={script}",
        # A restore that is killed does not end this program: no other may begin meanwhile.
        inherits=(mark.fileno(),),
    )


def _postgres(url: str, program: str, *arguments: str, inherits: tuple[int, ...] = ()) -> None:
    """Run a tool of PostgreSQL; the password goes through the environment, unseen by other users."""
    try:
        subprocess.run(
            [program, *arguments],
            env=os.environ | database_url.variables(url),
            check=True,
            capture_output=True,
            text=True,
            pass_fds=inherits,
        )
    except FileNotFoundError:
        raise Failed(f"{program} is not installed; it comes with PostgreSQL's client package") from None
    except subprocess.CalledProcessError as error:
        raise Failed(f"{program}: {error.stderr.strip()[-500:]}") from None
