"""WCAG 2.2 AA as far as axe can tell, on every screen, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
WORKSPACE = (
    "/inbox/all", "/inbox/mine", "/search", "/search?q=parcel", "/new", "/new?mode=call", "/trays",
    "/trays/refused", "/notifications",
)  # fmt: skip
CONSOLE = (
    "/settings",
    "/settings/people", "/settings/people/new", "/settings/teams", "/settings/teams/new",
    "/settings/brands", "/settings/brands/new", "/settings/canned-replies", "/settings/canned-replies/new",
    "/settings/tags", "/settings/tags/new", "/settings/inboxes", "/settings/inboxes/new",
    "/settings/inboxes/1", "/settings/inboxes/1/connection",
    "/settings/people/1", "/settings/teams/1", "/settings/brands/1",
    "/settings/audit", "/settings/queues", "/profile", "/profile/security", "/profile/notifications",
)  # fmt: skip
TWO_STEPS = ("/accounts/2fa/", "/accounts/2fa/totp/activate/")
CODES = ("/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/totp/deactivate/")
HEADER_MENUS = ("status", "assign", "priority", "tags", "snooze", "more")
OUTSIDE = ("/accounts/login/", "/accounts/password/reset/")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


def violations(page: Page, where: str) -> list[str]:
    found = []
    for each in Axe().run(page, options=RULES).response["violations"]:
        if each["impact"] in {"serious", "critical"}:
            places = [node["html"][:160] for node in each["nodes"][:4]]
            found.append(f"{where}: {each['id']} ({len(each['nodes'])}): {places}")
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen(screens: Screens, theme: str) -> None:
    screens.stand.receive(subject=f"Readable in {theme}", text="Is it readable?")
    page = screens.agent("administrator", color_scheme=theme)
    found, missing = [], []
    for address in (*WORKSPACE, *CONSOLE):
        answer = page.goto(address, wait_until="load")
        if answer is None or answer.status != 200:
            missing.append(f"{address}: {answer and answer.status}")
            continue
        found += violations(page, f"{theme} {address}")
    open_page(page, "/inbox/all", live=True)
    page.locator("#rows li.row > a").first.click()
    expect(page.locator("#composer")).to_be_visible()
    found += violations(page, f"{theme} conversation")
    for tab in ("reply", "note", "forward"):
        page.locator(f'[data-tab="{tab}"]').click()
        page.wait_for_selector("trix-editor[contenteditable]", state="attached")
        page.wait_for_timeout(250)
        found += violations(page, f"{theme} conversation, {tab}")
    page.goto(page.locator('a[href^="/customers/"]').first.get_attribute("href") or "", wait_until="load")
    assert "/customers/" in page.url
    found += violations(page, f"{theme} {page.url}")
    stranger = screens.stranger(color_scheme=theme)
    for address in OUTSIDE:
        found += violations(open_page(stranger, address), f"{theme} {address}")
    assert missing == []
    assert found == []
    assert screens.broken() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens(screens: Screens, theme: str) -> None:
    screens.stand.receive(subject=f"Open it in {theme}", text="Does it open?")
    page = open_page(screens.agent("administrator", color_scheme=theme), "/inbox/all", live=True)
    page.locator("#rows li.row > a").first.click()
    page.wait_for_selector("#conversation-header")
    found = []
    for menu in (*(f"m-{name}" for name in HEADER_MENUS), "account-menu"):
        page.locator(f"#{menu}-button").click()
        page.wait_for_selector(f"#{menu}:popover-open:not([data-source])")
        found += violations(page, f"{theme} menu {menu}")
        page.keyboard.press("Escape")
    assert found == []
    assert screens.broken() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_second_factor(screens: Screens, theme: str) -> None:
    found = []
    for role, addresses in (("qa_analyst", TWO_STEPS), ("administrator", CODES)):
        page = screens.agent(role, color_scheme=theme)
        for address in addresses:
            open_page(page, address)
            if "/reauthenticate/" in page.url:
                found += violations(page, f"{theme} {page.url}")
                page.fill("input[name=password]", PASSWORD)
                page.keyboard.press("Enter")
            page.wait_for_url(f"**{address}")
            found += violations(page, f"{theme} {address}")
    page.goto(CODES[0])
    page.locator("form[method=post] button[type=submit]").first.click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    found += violations(page, f"{theme} {page.url}")
    assert found == []
    assert screens.broken() == []
