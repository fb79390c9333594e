"""Lets a test's own server on loopback be reached through the guard, and nothing else on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rapport.kernel.outbound import http

LOOPBACK = "127.0.0.1"


@contextmanager
def loopback_at(port: int) -> Iterator[None]:
    """Take loopback at ``port`` for public; every other address is judged as ever."""
    judge = vars(http)["public_addresses"]

    def judged(host: str, number: int) -> list[str]:
        return [LOOPBACK] if (host, number) == (LOOPBACK, port) else list(judge(host, number))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "PORTS", {*http.PORTS, port})
        patch.setattr(http, "public_addresses", judged)
        yield
