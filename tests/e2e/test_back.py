"""Back and Forward on the desk: what the address names is what stands there, list and conversation."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page, open_row, received, write
from tests.e2e.stand import UNDO_SECONDS

pytestmark = pytest.mark.browser
POST = """async (address) => {
  const { request } = await import("ui/requests");
  return (await request(address, { method: "POST", body: new FormData() })).status;
}"""


def shown(page: Page, subject: str) -> None:
    """The conversation stands beside its list, under its own address."""
    here = page.locator("#reading [data-conversation]")
    expect(page.locator("#reading .conversation__subject")).to_contain_text(subject)
    expect(page.locator("#reading")).not_to_have_attribute("aria-busy", "true")
    expect(page).to_have_url(re.compile(f"{here.get_attribute('data-url')}$"))
    expect(page.locator("#rows .row").first).to_be_visible()
    expect(page.locator("#side-panel section, #side-panel details").first).to_be_visible()


def test_back_after_an_act_left_a_list_that_never_came(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/unassigned", live=True)
    received(screens, page, "Back: the second", sender="Iris Ott <iris@customer.example>")
    received(screens, page, "Back: the first")
    page.evaluate("window.same = true")
    open_row(page, "Back: the first")
    page.keyboard.press("e")
    expect(page.locator("#rows .row", has_text="Back: the first")).to_have_count(0)
    open_row(page, "Back: the second")
    page.go_back()
    shown(page, "Back: the first")
    page.go_forward()
    shown(page, "Back: the second")
    page.keyboard.press("#")
    expect(page.locator("#conversation-header .badge")).to_have_text("Spam")
    page.keyboard.press("z")
    expect(page.locator("#conversation-header .badge")).to_have_count(0)
    shown(page, "Back: the second")
    assert page.evaluate("window.same")
    assert screens.broken() == []


def test_the_row_opened_by_keyboard_stood_twice_in_the_history_and_stayed_beside_the_list(
    screens: Screens,
) -> None:
    page = open_page(screens.agent("representative"), "/inbox/unassigned", live=True)
    received(screens, page, "Keys: the second", sender="Iris Ott <iris@customer.example>")
    received(screens, page, "Keys: the first")
    open_row(page, "Keys: the first")
    page.keyboard.press("j")
    shown(page, "Keys: the second")
    with page.expect_response(re.compile("part=pane")):
        page.keyboard.press("Enter")
    shown(page, "Keys: the second")
    page.go_back()
    shown(page, "Keys: the first")
    page.go_back()
    expect(page.locator(".reading-empty")).to_be_visible()
    expect(page).to_have_url(re.compile("/inbox/unassigned$"))
    expect(page).to_have_title(re.compile("^Unassigned"))
    expect(page.locator("#rows .row--current")).to_have_count(0)
    page.keyboard.press("e")
    page.go_forward()
    shown(page, "Keys: the first")
    expect(page.locator("[data-timeline] [data-kind='status.changed']")).to_have_count(0)
    assert screens.broken() == []


@pytest.mark.parametrize("width", [390, 1360])
def test_back_at_the_list_an_answer_could_not_be_taken_back_any_more(screens: Screens, width: int) -> None:
    subject = f"Taken back from the list, {width}"
    page = screens.agent("representative", viewport={"width": width, "height": 860})
    open_page(page, "/inbox/all", live=True)
    received(screens, page, subject)
    open_row(page, subject)
    write(page, "reply", "Sent too soon")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo-form]")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-timeline]")).to_have_count(0)
    expect(page.locator(".toast", has_text="Sending in")).to_be_visible()
    page.wait_for_timeout(1000)
    page.keyboard.press("z")
    expect(page.locator("#composer-editor")).to_contain_text("Sent too soon")
    expect(page.locator("#composer-editor")).to_be_focused()
    page.keyboard.type("!")
    expect(page.locator("#composer-editor")).to_contain_text("Sent too soon!")
    expect(page.locator(".toast", has_text="Sending in")).to_have_count(0)
    expect(page.locator("[data-undo-form]")).to_have_count(0)
    page.wait_for_timeout(UNDO_SECONDS * 1000)
    assert screens.stand.sent(f"Re: {subject}") == []
    assert screens.broken() == []


def test_an_answer_taken_back_too_late_from_elsewhere_said_so_nowhere(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Elsewhere: the next", sender="Iris Ott <iris@customer.example>")
    received(screens, page, "Elsewhere: sent")
    open_row(page, "Elsewhere: sent")
    write(page, "reply", "On its way")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo-form]")).to_be_visible()
    address = page.locator("[data-undo-form]").get_attribute("action")
    open_row(page, "Elsewhere: the next")
    notice = page.locator(".toast", has_text="Sending in")
    expect(notice).to_be_visible()
    assert page.evaluate(POST, address) == 200
    notice.get_by_role("button", name="Undo").click()
    expect(page.locator('.toast[data-kind="danger"]')).to_contain_text("Too late")
    shown(page, "Elsewhere: sent")
    assert screens.broken() == []
