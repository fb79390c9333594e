"""The typed settings that an operator gives through environment variables.

Each is declared once, with its meaning; ``rapport check`` prints what is wrong with the values given.
"""

import os
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from rapport.kernel.db import database_url

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

PREFIX = "RAPPORT_"


class Misconfigured(Exception):
    """A setting has a value that cannot be used; the message names it and says what would be right."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What the operator may set, with its default. ``data`` becomes ``RAPPORT_DATA``, and so on."""

    data: Path = Path("var")
    """Folder that holds everything: database, files, secret key."""
    database_url: str = ""
    """``postgresql://user:password@host:port/name``, with ``?host=/var/run/postgresql`` for a socket or
    ``?sslmode=verify-full`` for a checked certificate; empty means SQLite in the data folder."""
    url: str = "http://localhost:8000"
    """The address people open; links in mails use it."""
    port: int = 8000
    """Port that the web process listens on."""
    bind: str = "127.0.0.1"
    """Address that the web process listens on."""
    trusted_proxies: str = ""
    """Addresses or networks of the proxies in front, like ``127.0.0.1, 10.0.0.0/8``, whose
    ``X-Forwarded-For`` tells who the visitor is; empty: nobody is believed."""
    secret_key: str = ""
    """Signs sessions and reply tokens; made and kept in the data folder where it is empty."""
    debug: bool = False
    """Show errors with their trace. Never in production."""
    demo: bool = False
    """The demo company with its one-click sign-in. Refused beside any address but a local one."""
    web_processes: int = 1
    """Web processes that ``rapport serve`` runs on one port: as many as the machine has processors to spare.
    More than one only on PostgreSQL."""
    web_threads: int = 8
    """Requests that one web process answers at the same time."""
    redis_url: str = ""
    """Redis for the cache and the limits of sign-in attempts; empty means the database."""
    smtp_url: str = ""
    """``smtp://user:password@host:587`` for system mail (invitations, resets, alarms); empty: it waits."""
    system_mail_from: str = "Rapport <rapport@localhost>"
    """Sender of system mail."""
    undo_seconds: int = 10
    """How long an answer waits before it is sent, so that it can be taken back; 0 sends at once."""
    lmtp_port: int = 0
    """Port of the LMTP listener of the mail process; 0 means none."""
    corpora: str = ""
    """Folder with mails for the corpus tests."""
    mail_max_bytes: int = 50 * 1024 * 1024
    """A larger mail is kept raw and listed as refused."""
    mail_max_parts: int = 1000
    """A mail with more MIME parts is kept raw and listed as refused."""
    mail_max_depth: int = 64
    """A mail nested deeper is kept raw and listed as refused."""
    mail_max_header_bytes: int = 262_144
    """A mail with longer headers is kept raw and listed as refused."""
    mail_max_recipients: int = 1000
    """A mail with more recipients in its headers is kept raw and listed as refused."""

    @property
    def call_max_bytes(self) -> int:
        """Bytes that a call of a mail service may have: some put a mail in twice, as base64."""
        return 4 * self.mail_max_bytes

    @property
    def local(self) -> bool:
        """True where people reach Rapport by loopback only, as in a demo or on a developer's machine."""
        address = _address(self.url)
        return address is not None and address.hostname in {"localhost", "127.0.0.1", "::1"}

    @property
    def proxies(self) -> "tuple[IPv4Network | IPv6Network, ...]":
        """The networks in ``trusted_proxies``; raises ``Misconfigured`` where one is none."""
        from ipaddress import ip_network

        try:
            return tuple(ip_network(name) for name in re.split(r"[\s,]+", self.trusted_proxies) if name)
        except ValueError as error:
            raise Misconfigured(
                f"RAPPORT_TRUSTED_PROXIES lists addresses or networks, like 127.0.0.1, 10.0.0.0/8: {error}"
            ) from None


def _convert(name: str, kind: object, text: str) -> object:
    if kind is bool:
        if text.lower() in {"1", "true", "yes", "on"}:
            return True
        if text.lower() in {"", "0", "false", "no", "off"}:
            return False
        raise Misconfigured(f"{name} must be yes or no, not {text!r}")
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise Misconfigured(f"{name} must be a whole number, not {text!r}") from None
    if kind is Path:
        return Path(text)
    return text


def read(variables: dict[str, str] | None = None) -> Environment:
    """Return the settings in ``variables`` (the process's own by default).

    Raises:
        Misconfigured: values cannot be used, or contradict each other; the message lists all of them.

    """
    environment, wrong = examine(variables)
    if wrong:
        raise Misconfigured("\n".join(wrong))
    return environment


def examine(variables: dict[str, str] | None = None) -> tuple[Environment, list[str]]:
    """Return the settings, with the default where a value cannot be used, and what is wrong with each."""
    given = dict(os.environ) if variables is None else variables
    values: dict[str, object] = {}
    wrong: list[str] = []
    for field in fields(Environment):
        name = PREFIX + field.name.upper()
        try:
            if name in given:
                values[field.name] = _convert(name, field.type, given[name])
        except Misconfigured as error:
            wrong.append(str(error))
    if PREFIX + "URL" not in given and "port" in values:
        values["url"] = f"http://localhost:{values['port']}"
    environment = Environment(**values)  # type: ignore[arg-type]
    if _address(environment.url) is None:
        wrong.append(f"RAPPORT_URL is no address, as its host or its port is none: {environment.url!r}")
        environment = replace(environment, url=Environment.url)
    if environment.demo and not environment.local:
        wrong.append(
            f"RAPPORT_DEMO is on but RAPPORT_URL is {environment.url}: the demo lets anybody sign in, "
            "so it runs on http://localhost only. Unset RAPPORT_DEMO."
        )
    if environment.database_url and (words := _wrong_database(environment.database_url)):
        wrong.append(words)
        environment = replace(environment, database_url="")
    return environment, wrong


def _address(url: str) -> SplitResult | None:
    """Return the parts of an address, or None where its host or its port can be none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _wrong_database(url: str) -> str:
    try:
        database_url.parse(url)
    except database_url.BadUrl as error:
        return f"RAPPORT_DATABASE_URL {error}"
    return ""
