"""Talking to a mail server while somebody waits: all of it together ends at a moment."""

import io
import math
import smtplib
import time
from collections.abc import Callable
from typing import Any


class Hurried(smtplib.SMTP):
    """Speaks SMTP until the moment ``until`` of the monotonic clock; None leaves each answer its own time.

    A mail takes about ten answers, and a timeout of the library holds for each piece of each of them alone.
    """

    def __init__(self, host: str, port: int, *, until: float | None, timeout: float, **more: Any) -> None:
        self._until = math.inf if until is None else until
        super().__init__(host, port, timeout=min(timeout, self._left()), **more)

    def send(self, s: Any) -> None:
        """Send within the time that is left."""
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Return a reply. Raises ``TimeoutError`` once the moment has come."""
        self._hurry()
        if self.file is None and self.sock is not None and self._until < math.inf:
            self.file = io.BufferedReader(_Said(self.sock, self._hurry))
        try:
            return super().getreply()
        except smtplib.SMTPServerDisconnected:
            # The library speaks of a closed connection where it waited in vain, too.
            if self._until <= time.monotonic():
                raise TimeoutError from None
            raise

    def _hurry(self) -> None:
        if self._until < math.inf and self.sock is not None:
            self.sock.settimeout(self._left())

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Said(io.RawIOBase):
    """What a server says, of which each piece comes within the time that is left then."""

    def __init__(self, connection: Any, hurry: Callable[[], None]) -> None:
        super().__init__()
        self._connection = connection
        self._hurry = hurry

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for a piece. Raises ``TimeoutError`` once the moment has come."""
        self._hurry()
        received: int = self._connection.recv_into(buffer)
        return received


class HurriedTls(Hurried, smtplib.SMTP_SSL):
    """The same over TLS from the first byte on."""
