"""Addresses of SMTP servers: ``smtp://user:password@host:587``."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}


class BadUrl(ValueError):
    """The address cannot be used; the message says why, without the password."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where mail goes. ``implicit_tls`` from the first byte; else ``starttls`` is required or not used."""

    host: str
    port: int
    user: str
    password: str
    implicit_tls: bool
    starttls: bool


def parse(url: str) -> SmtpServer:
    """Read ``smtp://`` (STARTTLS required, unless ``?starttls=no``) or ``smtps://`` (TLS from the start).

    Raises:
        BadUrl: it is neither, has no host, or its port is none.

    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise BadUrl("it must begin with smtp:// or smtps://")
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError:
        raise BadUrl("its port is not a number between 1 and 65535") from None
    if not parts.hostname:
        raise BadUrl("it names no host")
    starttls = parse_qs(parts.query).get("starttls", ["yes"])[-1]
    if starttls not in {"yes", "no"}:
        raise BadUrl("starttls must be yes or no")
    if bool(parts.username) != bool(parts.password):
        raise BadUrl("give user and password, or neither")
    return SmtpServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        implicit_tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp" and starttls == "yes",
    )
