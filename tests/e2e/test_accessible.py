"""WCAG 2.2 AA as far as axe can tell, on every screen that ``visits`` names, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.screens import Screens, open_page
from tests.e2e.stand import young
from tests.e2e.visits import DEMO, MISSING, OUTSIDE, SECOND_FACTOR, SIGNED_IN
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
TWO_STEPS = tuple(SECOND_FACTOR[name] for name in ("mfa_index", "mfa_activate_totp"))
CODES = tuple(SECOND_FACTOR[name] for name in ("mfa_generate_recovery_codes", "mfa_deactivate_totp"))
HEADER_MENUS = ("status", "assign", "priority", "tags", "snooze", "more")
RULES: dict[str, object] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


COLOURS: dict[str, object] = {
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
    "resultTypes": ["violations"],
}


SETTLED = """async () => {
  for (let times = 0; times < 100; times += 1) {
    const running = document.getAnimations().filter((each) => each instanceof CSSTransition);
    if (!running.length) return;
    for (const each of running) each.finish();
    await new Promise((done) => setTimeout(done, 10));
  }
}"""
"""Colours fade into those of the other theme, inherited ones one after the other: axe is to see the last."""


def violations(page: Page, where: str, rules: dict[str, object] = RULES) -> list[str]:
    found = []
    for each in Axe().run(page, options=rules).response["violations"]:
        places = [node["html"][:160] for node in each["nodes"][:4]]
        found.append(f"{where}: {each['id']} ({len(each['nodes'])}): {places}")
    return found


def in_both_themes(page: Page, where: str) -> list[str]:
    """Look at the page in the light, and at its colours in the dark as well: nothing else differs."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(SETTLED)
    found = violations(page, f"light {where}")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(SETTLED)
    return found + violations(page, f"dark {where}", COLOURS)


def visited(page: Page, address: str, *, status: int = 200) -> list[str]:
    """Open the address and look at it; another status than expected is a finding too."""
    answer = page.goto(address, wait_until="load")
    if answer is None or answer.status != status:
        return [f"{address}: {answer and answer.status}"]
    return in_both_themes(page, address)


@pytest.fixture(scope="module")
def made(screens: Screens) -> dict[str, object]:
    return dict(screens.stand.seed("screens"))


def addresses(of: dict[str, tuple[str, ...]], made: dict[str, object]) -> list[str]:
    return [each.format(**made) for group in of.values() for each in group]


def test_every_screen(screens: Screens, made: dict[str, object]) -> None:
    page = screens.agent("administrator")
    found = [line for address in addresses(SIGNED_IN, made) for line in visited(page, address)]
    for address in MISSING:
        found += visited(page, address, status=404)
    refused = screens.agent("representative")
    found += visited(refused, "/settings/people", status=403)
    assert found == []
    assert screens.broken() == []


def test_every_screen_before_sign_in(screens: Screens, made: dict[str, object]) -> None:
    page, found = screens.stranger(), []
    for address in addresses(OUTSIDE, made):
        found += visited(page, address, status=410 if "no-such-token" in address else 200)
    found += visited(page, "/nowhere", status=404)
    assert found == []


def test_the_link_that_no_mail_brings_and_forms_with_errors(screens: Screens) -> None:
    page = open_page(screens.agent("administrator"), "/settings/people/new")
    page.locator("main form button[type=submit]").click()
    page.wait_for_selector("[aria-invalid=true]")
    found = in_both_themes(page, "an invitation with errors")
    page.fill("[name=name]", "Ole Brink")
    page.fill("[name=address]", "ole@staff.example")
    page.locator("[name=teams]").first.check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_selector("text=/invitation/")
    found += in_both_themes(page, "the link of an invitation")
    assert found == []
    assert screens.broken() == []


@pytest.mark.parametrize(("part", "environment"), [("arrival", {}), ("demo", {"RAPPORT_DEMO": "1"})])
def test_a_fresh_installation_and_the_demo(screens: Screens, part: str, environment: dict[str, str]) -> None:
    with young(part, **environment) as other:
        fresh = Screens(other, screens.browser)
        page, found = fresh.stranger(), []
        asked = [other.company["set_up"], "/accounts/login/"] if part == "arrival" else addresses(DEMO, {})
        for address in asked:
            found += visited(page, address)
        broken = fresh.broken()
        fresh.close()
    assert found == []
    assert broken == []


def test_a_conversation(screens: Screens, made: dict[str, object]) -> None:
    page = open_page(screens.agent("administrator"), f"/conversations/{made['number']}", live=True)
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")
    found = in_both_themes(page, "the sheet of keys")
    page.keyboard.press("Escape")
    page.locator("a[data-preview]").first.click()
    page.wait_for_selector("#file-preview[open] img")
    found += in_both_themes(page, "the preview of a file")
    page.keyboard.press("Escape")
    for tab in ("reply", "note", "forward"):
        page.locator(f'[data-tab="{tab}"]').click()
        page.wait_for_selector("trix-editor[contenteditable]", state="attached")
        page.wait_for_timeout(250)
        found += in_both_themes(page, f"conversation, {tab}")
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
