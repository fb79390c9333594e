"""The servers as pytest fixtures; a test that asks for one that is not installed is skipped and says why."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.dovecot import dovecot as start_dovecot
from tests.servers.postfix import Postfix
from tests.servers.postfix import postfix as start_postfix
from tests.servers.postgres import cluster
from tests.servers.process import Missing
from tests.servers.redis import redis
from tests.servers.smtp_sink import Sink
from tests.servers.smtp_sink import smtp_sink as start_sink

Server = TypeVar("Server")


def _or_skip(server: AbstractContextManager[Server]) -> Iterator[Server]:
    try:
        running = server.__enter__()
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        yield running
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of an empty PostgreSQL database of this test session's own."""
    yield from _or_skip(cluster(durable=False))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Address of an empty Redis."""
    yield from _or_skip(redis())


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """An IMAP and LMTP server without mail."""
    yield from _or_skip(start_dovecot())


@pytest.fixture
def postfix_to_dovecot(dovecot: Dovecot) -> Iterator[Postfix]:
    """An SMTP server that hands everything to ``dovecot``."""
    yield from _or_skip(start_postfix(lmtp_port=dovecot.lmtp_port))


@pytest.fixture
def postfix_that_asks_dovecot(dovecot: Dovecot) -> Iterator[Postfix]:
    """An SMTP server that takes mail only from those whom ``dovecot`` lets in."""
    settings = (
        "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\n"
        f"smtpd_sasl_path = inet:127.0.0.1:{dovecot.auth_port}\nsmtpd_sasl_security_options = noanonymous\n"
        "smtpd_client_restrictions = permit_sasl_authenticated, reject"
    )
    yield from _or_skip(start_postfix(lmtp_port=dovecot.lmtp_port, settings=settings))


@pytest.fixture
def smtp_sink() -> Iterator[Sink]:
    """An SMTP server that takes everything after 50 to 300 ms and writes it down."""
    yield from _or_skip(start_sink())
