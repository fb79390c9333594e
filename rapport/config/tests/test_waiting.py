"""What is answered while the installation is being prepared."""

import socket
import threading

import httpx
import pytest

from rapport.config import waiting


@pytest.fixture(scope="module")
def address():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=waiting.serve, args=(listening,), daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_machines_hear_that_it_lives_but_is_not_ready(address):
    alive = httpx.get(f"{address}/healthz", trust_env=False)
    assert (alive.status_code, alive.text) == (200, "ok\n")
    ready = httpx.get(f"{address}/readyz", trust_env=False)
    assert (ready.status_code, ready.headers["Retry-After"]) == (503, "3")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_people_see_a_page_that_opens_the_real_one(address, method):
    page = httpx.request(method, f"{address}/inbox", trust_env=False)
    assert page.status_code == 503
    assert 'http-equiv="refresh"' in page.text


def test_a_slow_visitor_holds_nobody_up(address):
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(b"GET / HT")
        assert httpx.get(f"{address}/healthz", trust_env=False, timeout=2).status_code == 200
