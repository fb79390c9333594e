"""Which first-party files run, in the order in which each is first entered."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import FrameType

import rapport.config

HOUSE = Path(rapport.config.__file__).resolve().parents[1]


class Recorder:
    """Files of the house by first entry, as paths from the repository's root."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self._seen: set[str] = set()

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note the file of a call; running a module's or a class's body is no call of it."""
        name = frame.f_code.co_filename
        if event != "call" or name in self._seen or not frame.f_code.co_flags & CO_OPTIMIZED:
            return
        self._seen.add(name)
        path = Path(name)
        if path.is_absolute() and path.is_relative_to(HOUSE):
            self.files.append(str(path.relative_to(HOUSE.parent)))


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record this thread while the block runs."""
    recorder = Recorder()
    before = sys.getprofile()
    sys.setprofile(recorder)
    try:
        yield recorder
    finally:
        sys.setprofile(before)


def listed(page: str, title: str) -> list[str]:
    """Return the files that ``docs/paths.md`` lists under the heading ``title``, in its order."""
    section = page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return [line.split("`")[1] for line in section.splitlines() if line[:1].isdigit() and "`" in line]
