"""Talking to a mail server while somebody waits: all of it together ends at a moment."""

import math
import smtplib
import time
from typing import Any


class Hurried(smtplib.SMTP):
    """Speaks SMTP until the moment ``until`` of the monotonic clock; None leaves each answer its own time.

    A mail takes about ten answers, and a timeout of the library holds for each of them alone.
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


class HurriedTls(Hurried, smtplib.SMTP_SSL):
    """The same over TLS from the first byte on."""
