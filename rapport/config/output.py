"""Standard output whose reader may go before we do, as ``head`` does."""

import os
import sys


def unread() -> None:
    """Write no more: whoever read has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Patient:
    """Standard output of a process that goes on where nobody reads any more."""

    def write(self, text: str) -> int:
        """Write ``text``, or drop it."""
        try:
            return sys.__stdout__.write(text) if sys.__stdout__ else 0
        except BrokenPipeError:
            unread()
            return len(text)

    def flush(self) -> None:
        """Hand over what is buffered, or drop it."""
        try:
            if sys.__stdout__:
                sys.__stdout__.flush()
        except BrokenPipeError:
            unread()

    def isatty(self) -> bool:
        """Tell whether a person looks on."""
        return sys.__stdout__ is not None and sys.__stdout__.isatty()
