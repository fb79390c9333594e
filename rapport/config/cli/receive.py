"""``rapport receive``: the pipe of an MTA. It must start fast, so it goes straight to the receiver."""

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Ended(BaseException):
    """The machine or the MTA ends this process."""


def run(arguments: list[str]) -> int:
    """Store the mail on standard input; 0 only after the commit, else 75."""
    # Some MTAs return a mail whose command was ended by a signal, as at every shutdown.
    _on_end(_end)
    try:
        return _receive(arguments)
    finally:
        _on_end(signal.SIG_IGN)


def _receive(arguments: list[str]) -> int:
    from rapport.channels.email.receive import pipe
    from rapport.config import unfinished
    from rapport.config.environment import Misconfigured, read

    try:
        environment = read()
        unfinished.refuse(environment.data)
    except Misconfigured as error:
        print(f"rapport receive: {error}", file=sys.stderr)
        return pipe.TEMPORARY_FAILURE
    return pipe.main(arguments, data=environment.data, database_url=environment.database_url)


def _on_end(act: "Callable[[int, FrameType | None], None] | signal.Handlers") -> None:
    for number in ENDING:
        signal.signal(number, act)


def _end(number: int, _frame: object) -> None:
    raise Ended(signal.Signals(number).name)
