"""What is wrong with an installation, in words: for ``rapport check`` and for ``rapport serve``."""

import os
import shutil
import socket
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from rapport.config import secret, unfinished
from rapport.config.environment import PREFIX, Environment, Misconfigured

LEAST_SECRET = 32
LEAST_SPACE = 200 * 1024 * 1024
LEAST_FILES = 1024
PRIVATE_FILES = ("rapport.sqlite3", "secret_key")
BOUNDS = {
    "undo_seconds": (0, 3600),
    "mail_max_bytes": (1024, 2**31 - 1),
    "mail_max_parts": (1, 100_000),
    "mail_max_depth": (1, 200),
    "mail_max_header_bytes": (1024, 2**24),
    "mail_max_recipients": (1, 100_000),
}
"""The least and the most of settings that are numbers."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong and what to do about it. ``fatal``: Rapport cannot run like this."""

    words: str
    fatal: bool = True


def problems(environment: Environment, *, database: bool = True) -> Iterator[Problem]:
    """Yield every problem found; ``database`` also asks the database whether it is there and up to date."""
    yield from _data(environment)
    yield from _unknown(os.environ)
    yield from _addresses(environment)
    yield from _bind(environment)
    yield from _numbers(environment)
    yield from _proxies(environment)
    yield from _secrets(environment)
    yield from _mail(environment)
    yield from _redis(environment)
    if environment.database_url and find_spec("psycopg") is None:
        yield Problem(
            "RAPPORT_DATABASE_URL names PostgreSQL but its driver is missing: pip install 'rapport[postgres]'"
        )
    elif database:
        yield from _database()


def _data(environment: Environment) -> Iterator[Problem]:
    folder = environment.data.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        yield Problem(f"RAPPORT_DATA: the folder {folder} cannot be made ({error.strerror})")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Problem(
            f"RAPPORT_DATA: this user may not write to {folder}. Give it the folder, or name another."
        )
        return
    if shutil.disk_usage(folder).free < LEAST_SPACE:
        yield Problem(f"RAPPORT_DATA: less than 200 MB are free under {folder}", fatal=False)
    if why := unfinished.words(folder):
        yield Problem(why)
    yield from _open_to_others(folder)


def _open_to_others(folder: Path) -> Iterator[Problem]:
    entered = folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH)
    open_files = [name for name in PRIVATE_FILES if _readable_by_others(folder / name)]
    if entered and open_files:
        yield Problem(
            f"other users of this machine can read {' and '.join(open_files)} in {folder}: "
            f"chmod -R go= {folder}",
            fatal=False,
        )


def _readable_by_others(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _addresses(environment: Environment) -> Iterator[Problem]:
    url = urlsplit(environment.url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        yield Problem(
            f"RAPPORT_URL must be what people open, like https://desk.shop.example, not {environment.url!r}"
        )
        return
    if url.path.strip("/") or url.query or url.fragment:
        yield Problem(
            f"RAPPORT_URL must end after the host, as Rapport lives at the root: {environment.url!r}"
        )
    if url.scheme == "http" and not environment.local:
        yield Problem(
            f"RAPPORT_URL is {environment.url}: passwords and sessions need https, except on localhost"
        )
    if not 0 < environment.port < 65_536:
        yield Problem(f"RAPPORT_PORT must lie between 1 and 65535, not {environment.port}")
    if not 0 <= environment.lmtp_port < 65_536:
        yield Problem(f"RAPPORT_LMTP_PORT must lie between 0 (none) and 65535, not {environment.lmtp_port}")
    if environment.lmtp_port and environment.lmtp_port == environment.port:
        yield Problem("RAPPORT_LMTP_PORT and RAPPORT_PORT are the same")
    if not 0 < environment.web_processes <= 64:
        yield Problem(f"RAPPORT_WEB_PROCESSES must lie between 1 and 64, not {environment.web_processes}")
    elif environment.web_processes > 1 and not environment.database_url:
        yield Problem(
            "RAPPORT_WEB_PROCESSES is more than 1, but on SQLite colleagues in different processes would not "
            "see each other look and type: set RAPPORT_DATABASE_URL to a PostgreSQL database, or run one"
        )
    if not 0 < environment.web_threads <= 256:
        yield Problem(f"RAPPORT_WEB_THREADS must lie between 1 and 256, not {environment.web_threads}")


def _unknown(given: Iterable[str]) -> Iterator[Problem]:
    known = {PREFIX + field.name.upper() for field in fields(Environment)}
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"; {near[0]} was perhaps meant" if near else ""
            yield Problem(f"{name} is no setting of Rapport{meant}", fatal=False)


def _bind(environment: Environment) -> Iterator[Problem]:
    try:
        socket.getaddrinfo(environment.bind, environment.port, type=socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError):
        yield Problem(
            f"RAPPORT_BIND must be an address of this machine, like 127.0.0.1, not {environment.bind!r}"
        )


def _numbers(environment: Environment) -> Iterator[Problem]:
    for name, (least, most) in BOUNDS.items():
        value = getattr(environment, name)
        if not least <= value <= most:
            yield Problem(f"{PREFIX}{name.upper()} must lie between {least} and {most}, not {value}")


def _proxies(environment: Environment) -> Iterator[Problem]:
    try:
        proxies = environment.proxies
    except Misconfigured as error:
        yield Problem(str(error))
        return
    if any(network.prefixlen == 0 for network in proxies):
        yield Problem(
            "RAPPORT_TRUSTED_PROXIES trusts every address: anybody could claim to be anybody else, and no "
            "limit of sign-in attempts would hold. Name the proxies only."
        )
    elif not environment.local and not proxies:
        yield Problem(
            "RAPPORT_TRUSTED_PROXIES is not set: behind a proxy all visitors share the proxy's address, and "
            "so one limit of sign-in attempts. Name the proxy, which is 127.0.0.1 on the same machine.",
            fatal=False,
        )


def _secrets(environment: Environment) -> Iterator[Problem]:
    if environment.secret_key and len(environment.secret_key) < LEAST_SECRET:
        yield Problem(
            f"RAPPORT_SECRET_KEY has {len(environment.secret_key)} characters and could be guessed; "
            f"take {LEAST_SECRET} random ones, or unset it and Rapport makes one"
        )
    kept = secret.path(environment.data.resolve())
    if not environment.secret_key:
        try:
            secret.read(kept)
        except FileNotFoundError:
            pass
        except (OSError, UnicodeDecodeError) as error:
            yield Problem(f"the secret key in {kept} cannot be read: {error}")
        except Misconfigured as error:
            yield Problem(str(error))
    if environment.debug and not environment.local:
        yield Problem("RAPPORT_DEBUG is on: errors would show secrets to strangers. Unset it.")


def _mail(environment: Environment) -> Iterator[Problem]:
    from rapport.kernel.outbound.smtp_url import BadUrl, parse

    if environment.smtp_url:
        try:
            parse(environment.smtp_url)
        except BadUrl as error:
            yield Problem(f"RAPPORT_SMTP_URL: {error}")
    elif not environment.demo:
        yield Problem(
            "RAPPORT_SMTP_URL is not set: invitations, password resets and alarms wait until it is",
            fatal=False,
        )
    if "@" not in environment.system_mail_from or "\n" in environment.system_mail_from:
        yield Problem(f"RAPPORT_SYSTEM_MAIL_FROM must hold an address, not {environment.system_mail_from!r}")


def _redis(environment: Environment) -> Iterator[Problem]:
    if not environment.redis_url:
        return
    if find_spec("redis") is None:
        yield Problem("RAPPORT_REDIS_URL is set but the driver is missing: pip install 'rapport[redis]'")
        return
    import redis

    try:
        redis.Redis.from_url(environment.redis_url, socket_connect_timeout=3).ping()
    except (redis.RedisError, ValueError) as error:
        yield Problem(f"RAPPORT_REDIS_URL: Redis does not answer ({error})")


def _database() -> Iterator[Problem]:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from rapport.kernel.jobs.hold import HELD, held

    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        new = not executor.loader.applied_migrations
        holds = not new and not plan and held()
        connection.close()
    except DatabaseError as error:
        yield Problem(f"the database cannot be used: {str(error).strip()}")
        return
    if new:
        yield Problem("the database is empty: rapport serve fills it at the first start", fatal=False)
    elif plan:
        yield Problem(
            f"the database lacks {len(plan)} migrations. Run rapport migrate (rapport serve does it itself)."
        )
    elif holds:
        yield Problem(str(HELD), fatal=False)
