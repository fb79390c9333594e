"""Work beside the queues: functions with a thread of their own in every worker; no job waits for them."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Beside = Callable[[threading.Event], None]
T = TypeVar("T", bound=Beside)

_functions: dict[str, Beside] = {}


def beside(name: str) -> Callable[[T], T]:
    """Let the decorated function run in every worker; it gets the stop, and returns once that is set."""

    def register(function: T) -> T:
        _functions[name] = function
        return function

    return register


def all_beside() -> Iterator[tuple[str, Beside]]:
    """Yield the name and the function of all work beside the queues."""
    for name in sorted(_functions):
        yield name, _functions[name]
