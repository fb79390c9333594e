"""When to kill whom: each as often as the others, mostly at the moment when most is at stake.

A crash comes at any moment, but only few moments tell a promise that is kept from one that is not: a mail
server has the whole answer and has not said 250 yet; a customer was told 250 just now.
"""

import random
import time
from collections.abc import Callable, Iterator

from tests.faults.processes import KILLED, Product
from tests.faults.traffic import Ledger
from tests.servers.smtp_sink import COUNTED, LATE, Sink

AT_ANY_MOMENT = 0.2
LONGEST = 2.5
LOOK = 0.004


def victims() -> Iterator[str]:
    """Yield who is killed, for ever: in a new order each time, everybody before anybody again."""
    while True:
        yield from random.sample(KILLED, len(KILLED))


class Moments:
    """Watches the traffic for the moments at which a kill says most."""

    def __init__(self, product: Product, sink: Sink, ledger: Ledger) -> None:
        self.product, self.sink, self.ledger = product, sink, ledger

    def wait(self, victim: str) -> str:
        """Wait for the moment to kill ``victim``, at most ``LONGEST`` seconds; return which moment it is."""
        if random.random() < AT_ANY_MOMENT:
            time.sleep(random.uniform(0.08, 0.55))
            return "at any moment"
        if victim == "mail":
            return self._told()
        if victim == "pipe":
            return self._piping()
        # What a request sends cannot be taken back with its transaction; a worker may count on the 250.
        return self._in_hands(COUNTED if victim == "web" else random.choice((COUNTED, LATE)))

    def _told(self) -> str:
        before = len(self.ledger.accepted)
        if not self._until(lambda: len(self.ledger.accepted) > before):
            return "while nobody wrote"
        time.sleep(random.uniform(0.0, 0.35))
        return "just after a customer was told 250"

    def _piping(self) -> str:
        found = self._until(lambda: bool(self.product.pipes))
        time.sleep(random.uniform(0.0, 0.3))
        return "while it read" if found else "while nothing was piped"

    def _in_hands(self, wanted: bytes) -> str:
        before = len(self.sink.hands())
        if not self._until(lambda: wanted in self.sink.hands()[before:]):
            return "while no answer was on its way"
        return f"before the 250 of an answer, {'counted already' if wanted == COUNTED else 'not counted yet'}"

    @staticmethod
    def _until(holds: Callable[[], bool]) -> bool:
        end = time.monotonic() + LONGEST
        while not (found := holds()) and time.monotonic() < end:
            time.sleep(LOOK)
        return found
