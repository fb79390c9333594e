"""Memory is given back once it is free."""

import ctypes
import resource
from pathlib import Path

import pytest

from rapport.config.memory import give_back


def _resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no way to")
def test_what_was_free_between_things_that_stay_was_kept_from_the_system():
    held = [bytes(4000) for _ in range(10_000)]
    staying = held[::100]
    del held
    before = _resident()
    give_back()
    assert before - _resident() > 20_000_000
    assert len(staying) == 100
