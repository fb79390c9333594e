"""Take the pictures of the documentation: ``make screenshots``.

Starts a demo on a free port with a data folder of its own, drives Chromium through it and writes
``docs/screenshots/*.png``. ``--url`` takes the pictures from a demo that already runs.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/screenshots"
CHROMIUM = "/usr/bin/chromium"
LARGEST = 300_000
START_SECONDS = 1200
DESK = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=390, height=780)


@contextmanager
def demo() -> Iterator[str]:
    """Run a demo on a free port; yield its address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="rapport-pictures-", ignore_cleanup_errors=True) as data:
        rapport = Path(sys.executable).with_name("rapport")
        command: list[str | Path] = [rapport, "demo", "--port", str(port), "--data", data]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://localhost:{port}", process)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when ``url`` answers; the port is open long before, while the company is being built."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(1)
    sys.exit("screenshots: the demo did not start; run rapport demo to see why")


def sign_in(
    browser: Browser, url: str, *, role: str, scheme: Literal["light", "dark"], size: ViewportSize
) -> Page:
    """Return a page on which somebody of ``role`` is signed in."""
    page = browser.new_page(viewport=size, color_scheme=scheme, locale="en-GB")
    page.goto(f"{url}/demo")
    page.locator(".demo-person").filter(has_text=role).first.get_by_role("button").click()
    page.wait_for_selector("main")
    page.goto(f"{url}/inbox/all")
    page.wait_for_selector("#rows a")
    return page


def open_longest(page: Page, url: str) -> None:
    """Open the conversation of the first page that has most messages in its thread."""
    numbers = page.locator("#rows a[href*='/conversations/']").evaluate_all(
        "links => [...new Set(links.map(link => link.pathname))].slice(0, 12)"
    )

    def entries(path: str) -> int:
        answer = page.request.get(f"{url}{path}")
        return answer.text().count("<article")

    best = max(numbers, key=entries)
    page.locator(f"#rows a[href*='{best}']").first.click()
    page.wait_for_selector("article")


def save(page: Page, name: str) -> None:
    """Write one picture with few colours, which keeps it small."""
    page.wait_for_timeout(800)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    path = TARGET / f"{name}.png"
    picture.save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB")
    if size > LARGEST:
        sys.exit(f"screenshots: {path.name} is larger than {LARGEST // 1000} kB")


def take(url: str) -> None:
    """Take every picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = sign_in(browser, url, role="Team lead", scheme="light", size=DESK)
        open_longest(page, url)
        save(page, "desk")
        page = sign_in(browser, url, role="Team lead", scheme="dark", size=DESK)
        page.goto(f"{url}/search?q=newsletter")
        page.wait_for_selector("mark")
        save(page, "search-dark")
        page = sign_in(browser, url, role="Representative", scheme="light", size=PHONE)
        save(page, "phone")
        page = sign_in(browser, url, role="Administrator", scheme="light", size=DESK)
        page.goto(f"{url}/settings/inboxes")
        save(page, "inboxes")
        browser.close()


def main() -> None:
    """Take the pictures from a demo of our own, or from the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="", help="address of a demo that already runs")
    given = parser.parse_args()
    if given.url:
        take(given.url.rstrip("/"))
        return
    with demo() as url:
        take(url)


if __name__ == "__main__":
    main()
