"""How fast this machine is right now: where others share it, that changes from minute to minute."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

ADDITIONS = 1_000_000
TIMES = 15
BLOCK = b"x" * 4096


def pace() -> str:
    """Return the milliseconds of a million additions in Python, and of a block until it is on disk."""
    with tempfile.TemporaryFile(dir=os.environ["RAPPORT_DATA"], buffering=0) as file:

        def write() -> None:
            file.write(BLOCK)
            os.fsync(file.fileno())

        return f"(a million additions: {_usual(_add):.0f} ms, a block on disk: {_usual(write):.2f} ms)"


def _add() -> None:
    total = 0
    for number in range(ADDITIONS):
        total += number


def _usual(act: Callable[[], None]) -> float:
    return statistics.median(_milliseconds(act) for _ in range(TIMES))


def _milliseconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
