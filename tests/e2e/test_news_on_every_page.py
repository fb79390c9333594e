"""Counts and bell move by themselves on every page that has them, not on the desk alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.screens import Screens, open_page

pytestmark = pytest.mark.browser


def number_in(shown: Locator) -> int:
    """Return the number at the end of what is shown, 0 where there is none."""
    found = re.search(r"\d+$", shown.inner_text().strip())
    return int(found[0]) if found else 0


def opened(screens: Screens, address: str, fetched: str) -> Page:
    """Open a page, and wait until it hears what happens elsewhere and shows what it fetched apart."""
    page = screens.agent("administrator")
    with page.expect_response(re.compile(fetched)):
        open_page(page, address, live=True)
    page.wait_for_timeout(300)
    return page


@pytest.mark.parametrize("address", ["/search", "/trays", "/new"])
def test_counts_stood_still_beside_the_desk(screens: Screens, address: str) -> None:
    page = opened(screens, address, "/counts")
    counts = page.locator('#counts [data-view="all"]')
    before = number_in(counts)
    screens.stand.receive(subject=f"News on {address}", sender=f"{address[1:]}@customer.example")
    expect(counts).to_have_text(re.compile(rf"\b{before + 1}$"))
    assert screens.broken() == []


@pytest.mark.parametrize("address", ["/search", "/settings/inboxes", "/profile"])
def test_the_bell_stood_still_beside_the_desk(screens: Screens, address: str) -> None:
    page = opened(screens, address, "/notifications/count")
    bell = page.locator("#bell-count")
    before = number_in(bell)
    screens.stand.seed("told")
    expect(bell).to_have_text(re.compile(rf"\b{before + 1}$"))
    assert screens.broken() == []


def test_the_state_of_an_inbox_stood_still(screens: Screens) -> None:
    page = opened(screens, "/settings/inboxes", "/notifications/count")
    screens.stand.seed("trouble", "The mail server sleeps.")
    expect(page.locator("#inboxes")).to_contain_text("The mail server sleeps.")
    screens.stand.seed("trouble")
    expect(page.locator("#inboxes")).not_to_contain_text("The mail server sleeps.")
    assert screens.broken() == []


def test_a_sign_in_page_opens_no_stream(screens: Screens) -> None:
    page = open_page(screens.stranger(), "/accounts/login/")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.dataset.live ?? ''") == ""
    loaded = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert not [name for name in loaded if "live" in name]
