"""Rendered fragments kept for the next page that shows the same."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from markupsafe import Markup


class Remembered:
    """The fragments used last, at most ``capacity`` characters; none is longer than a hundredth of that."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._fragments: OrderedDict[Hashable, Markup] = OrderedDict()
        # Requests are answered by several threads: a look-up that moves its key must not meet an eviction.
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Markup]) -> Markup:
        """Return the fragment of ``key``; ``make`` it where it is not known."""
        with self._lock:
            found = self._fragments.get(key)
            if found is not None:
                self._fragments.move_to_end(key)
                return found
        made = make()
        if len(made) <= self._capacity // 100:
            self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: Markup) -> None:
        with self._lock:
            if key in self._fragments:
                return
            self._fragments[key] = made
            self._held += len(made)
            while self._held > self._capacity:
                _key, oldest = self._fragments.popitem(last=False)
                self._held -= len(oldest)
