"""SEC-03 in a real browser: opened, framed, embedded or loaded as a script, no stored file runs anything."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rapport.kernel.files.serving import serve
from rapport.kernel.files.storage import read, store
from rapport.kernel.files.tests.polyglots import CLAIMS, HTML, PAYLOADS, PDF, _png

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
Answer = tuple[dict[str, str], bytes]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
FRAME = (
    "<!doctype html><body><iframe src='{0}'></iframe><object data='{0}'></object><embed src='{0}'>"
    "<img src='{0}'><script src='{0}'></script><script type=module src='{0}'></script>"
    "<link rel=stylesheet href='{0}'></body>"
)


@contextmanager
def origin(pages: dict[str, Answer]) -> Iterator[tuple[str, list[str]]]:
    """Serve ``pages`` at one origin; yield it and the list of requests that a file should not have made."""
    beacons: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/beacon"):
                beacons.append(self.headers.get("Referer", "") + self.path)
            headers, body = pages.get(self.path, ({"Content-Type": "text/plain"}, b""))
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", beacons
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(content: bytes, name: str, claim: str, *, inline: bool) -> Answer:
    stored = store(content, name=name, content_type=claim)
    response = serve(stored, inline=inline)
    assert response.file_to_stream is not None
    response.file_to_stream.close()
    return dict(response.headers), read(stored)


@contextmanager
def chromium():
    """Yield the browser; the database cannot be used meanwhile, as Playwright runs an event loop."""
    from playwright.sync_api import sync_playwright

    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("chromium is not installed (package chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield running
        running.close()


def visit(page, url: str) -> None:
    from playwright.sync_api import Error

    try:
        page.goto(url, wait_until="load", timeout=8000)
    except Error as error:
        # A download is no page; that is what most of these must be.
        assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error), error


def test_no_polyglot_acts_in_the_origin(settings, tmp_path):
    settings.DATA = tmp_path
    pages: dict[str, Answer] = {}
    for number, (name, content) in enumerate(PAYLOADS.items()):
        for inline, claim in (
            (True, CLAIMS[number % len(CLAIMS)]),
            (True, "text/html"),
            (False, "image/png"),
        ):
            path = f"/files/{len(pages) // 2}"
            pages[path] = answer(content, name, claim, inline=inline)
            pages[f"/frame{path}"] = ({"Content-Type": "text/html"}, FRAME.format(path).encode())
    pages["/unprotected"] = ({"Content-Type": "text/html"}, HTML)
    assert len(pages) == 2 * 60 + 1
    with origin(pages) as (address, beacons), chromium() as browser:
        page = browser.new_page(accept_downloads=False)
        visit(page, f"{address}/unprotected")
        page.wait_for_timeout(200)
        assert beacons, "the payload must be able to act where nothing stops it"
        beacons.clear()
        for path in [path for path in pages if path != "/unprotected"]:
            visit(page, f"{address}{path}")
        page.wait_for_timeout(500)
        assert beacons == []


def test_images_are_still_shown(settings, tmp_path):
    settings.DATA = tmp_path
    pages = {
        "/image": answer(_png(b""), "a.png", "", inline=True),
        "/document": answer(PDF, "a.pdf", "", inline=True),
        "/page": (
            {"Content-Type": "text/html"},
            b"<!doctype html><img src='/image'><iframe src='/document'>",
        ),
    }
    with origin(pages) as (address, _), chromium() as browser:
        page = browser.new_page()
        page.goto(f"{address}/page")
        assert page.evaluate("document.images[0].naturalWidth") == 3
