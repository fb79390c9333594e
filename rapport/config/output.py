"""Standard output whose reader may go before we do, as ``head`` does."""

import os
import sys
from contextlib import suppress


def unread() -> None:
    """Write no more: whoever read has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def complain(text: str) -> None:
    """Say what went wrong on standard error, where that can be written to."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr)  # noqa: T201  there is no logging yet


def finish() -> None:
    """Write out what is buffered, or drop it: the interpreter would change the exit code at its end."""
    for name in ("stdout", "stderr"):
        try:
            if stream := getattr(sys, name):
                stream.flush()
        except (OSError, ValueError):
            setattr(sys, name, None)


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
