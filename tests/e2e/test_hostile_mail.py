"""SEC-01 in a real browser: every hostile mail on every screen that shows it; nothing runs or is tried."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page
from tests.security.hostile import SETS

pytestmark = pytest.mark.browser
LISTS = ("/inbox/all", "/inbox/unassigned", "/search?q=alert", "/trays", "/trays/noted", "/trays/refused")
LEAST = {"own": 50, "nested": 200, "corpus": 131 * 0.85}
"""Mails that must have become messages: some are machines' by their words, and stand in a tray."""


def complaints(page: Page) -> list[str]:
    return [f"{frame.url} {each}" for frame in page.frames for each in frame.evaluate("window.broken ?? []")]


def look_at(page: Page, address: str) -> int:
    """Open a conversation and the original look of each of its mails; return how many it showed."""
    open_page(page, address)
    buttons = page.locator("[data-timeline] [data-original]").count()
    page.evaluate("document.querySelectorAll('[data-original]').forEach((button) => button.click())")
    expect(page.locator("[data-timeline] iframe")).to_have_count(buttons)
    for frame in page.frames[1:]:
        frame.wait_for_load_state("load")
    return buttons


@pytest.mark.parametrize("which", SETS)
def test_no_hostile_mail_does_anything(screens: Screens, which: str) -> None:
    conversations = screens.stand.seed("hostile", which)
    assert sum(len(each["messages"]) for each in conversations) >= LEAST[which]
    page, asked, found = screens.agent("administrator"), [], []
    page.context.on("request", lambda request: asked.append(request.url))
    page.route(re.compile(r"/live\?"), lambda route: route.abort())
    for address in LISTS:
        page.goto(address, wait_until="load")
        page.wait_for_timeout(20)
        found += complaints(page)
    for each in conversations:
        assert look_at(page, f"/conversations/{each['number']}") >= len(each["messages"])
        found += complaints(page)
    assert screens.dialogs == []
    assert found == []
    elsewhere = {url for url in asked if not url.startswith((screens.stand.url, "data:", "blob:", "about:"))}
    assert elsewhere == set()
