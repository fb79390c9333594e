"""One installation for all browser tests; one browser per file, closed before the database is used again."""

import shutil
from collections.abc import Iterator

import pytest

from tests.e2e.screens import Screens
from tests.e2e.stand import Stand
from tests.e2e.stand import stand as start_stand

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def stand() -> Iterator[Stand]:
    with start_stand() as running:
        yield running


@pytest.fixture(scope="module")
def screens(stand: Stand) -> Iterator[Screens]:
    from playwright.sync_api import sync_playwright

    binary = shutil.which("chromium")
    if binary is None:
        pytest.skip("chromium is not installed (package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        try:
            yield Screens(stand, browser)
        finally:
            browser.close()


@pytest.fixture(autouse=True)
def _close_pages(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "screens" in request.fixturenames:
        request.getfixturevalue("screens").close()
