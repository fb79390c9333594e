"""The address of the PostgreSQL database, read once for all who connect: Django, the pipe and backups.

It is an address as libpq reads it, so a socket and parameters such as ``sslmode`` may stand behind the ``?``.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

VARIABLES: Mapping[str, str] = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "requirepeer": "PGREQUIREPEER",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
    "options": "PGOPTIONS",
}
"""Parameters that may be given, and the variable by which PostgreSQL's own programs take each."""


_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class BadUrl(Exception):
    """The address cannot be used. The message says why, and repeats no value, as one may be a password."""


def parse(url: str) -> dict[str, str]:
    """Return the parameters of a connection by libpq's names, without those that are not given.

    Raises:
        BadUrl: it is no address of PostgreSQL, names no database, or has a parameter that is not passed on.

    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadUrl("must start with postgresql:// (leave it empty for SQLite)")
    if _BARE_PERCENT.search(url):
        raise BadUrl("has a % that begins no code: in a password it is written %25")
    if "#" in url:
        raise BadUrl("has a #: in a password it is written %23")
    try:
        parts = urlsplit(url)
        found = {
            "host": unquote(parts.hostname or ""),
            "port": str(parts.port or ""),
            "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "dbname": unquote(parts.path.removeprefix("/")),
        }
    except ValueError:
        raise BadUrl("has a host or a port that is none: postgresql://user:password@host:port/name") from None
    # First: where a password holds a bare "?", what looks like a parameter is a piece of it.
    if not found["dbname"].strip("/"):
        raise BadUrl("names no database: postgresql://user:password@host:port/name")
    for parameter in filter(None, parts.query.split("&")):
        name, _, value = parameter.partition("=")
        if name not in VARIABLES:
            raise BadUrl(f"has a parameter that is not known: {name}. Known are {', '.join(VARIABLES)}")
        found[name] = unquote(value)
    return {name: value for name, value in found.items() if value}


def variables(url: str) -> dict[str, str]:
    """Return the environment by which PostgreSQL's own programs connect, unseen by other users."""
    return {VARIABLES[name]: value for name, value in parse(url).items()}
