"""Requests that compute take turns; no slow one keeps the others out."""

import threading

import pytest

from rapport.config.gate import PLACES, Gate


def test_requests_that_wait_for_others_keep_nobody_out():
    inside, go_on = threading.Semaphore(0), threading.Event()

    def slow(_environ, _start):
        inside.release()
        go_on.wait(60)
        return []

    gate = Gate(slow)
    threads = [threading.Thread(target=gate, args=({}, None)) for _ in range(PLACES + 3)]
    for thread in threads:
        thread.start()
    entered = [inside.acquire(timeout=30) for _ in threads]
    go_on.set()
    for thread in threads:
        thread.join()
    assert all(entered)


def test_a_request_that_fails_gives_its_place_back():
    def broken(_environ, _start):
        raise ValueError("broken")

    gate = Gate(broken)
    for _ in range(PLACES * 3):
        with pytest.raises(ValueError, match="broken"):
            gate({}, None)
    assert gate._free._value == PLACES
