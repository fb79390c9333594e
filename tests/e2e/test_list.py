"""The list beside the conversation: it keeps its order and its page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, hold_until, open_page, open_row, received

pytestmark = pytest.mark.browser


def test_the_order_was_lost_under_the_hands_of_who_opened_a_conversation(screens: Screens) -> None:
    screens.stand.seed("cleared")
    page = open_page(screens.agent("representative"), "/inbox/all?sort=oldest", live=True)
    received(screens, page, "Sorted: the older one")
    received(screens, page, "Sorted: the newer one")
    open_row(page, "Sorted: the newer one")
    received(screens, page, "Sorted: the newest one")
    rows = page.locator("#rows > .row", has_text="Sorted:")
    expect(rows).to_contain_text(["the older one", "the newer one", "the newest one"])


def test_what_was_59_minutes_old_stayed_so_for_hours(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Read after lunch")
    time = page.locator("#rows .row", has_text="Read after lunch").locator("time")
    later = str(time.get_attribute("data-then"))
    time.evaluate("(each) => { each.textContent = '59 min'; each.dateTime = '2001-01-01T00:00:00Z'; }")
    expect(time).to_have_text(later)
    time.evaluate(
        "(each) => { each.dateTime = new Date(Date.now() - 125000).toISOString(); each.textContent = ''; }"
    )
    expect(time).to_have_text("2 min")
    assert screens.broken() == []


def test_skipping_to_the_content_loaded_the_page_again(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    page.evaluate("window.same = true")
    skip = page.locator(".skip-link")
    skip.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(1000)
    assert page.evaluate("window.same")
    received(screens, page, "Opened, and skipped to")
    open_row(page, "Opened, and skipped to")
    page.locator("[data-conversation]").evaluate("(article) => (article.dataset.same = 'yes')")
    skip.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(1000)
    expect(page.locator("[data-conversation]")).to_have_attribute("data-same", "yes")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.locator("#list")).to_be_visible()
    assert screens.broken() == []


ON_HOLD = """async (here) => {
  const { request } = await import("ui/requests");
  const body = new FormData();
  body.append("status", "on_hold");
  return (await request(`${here}/status`, { method: "POST", body })).status;
}"""
TAKE_BACK = """(here) => {
  window.undone = 0;
  document.addEventListener("rapport:undone", () => (window.undone += 1));
  const fields = [["status", "new"], ["token", "0"], ["undo", "1"]];
  document.dispatchEvent(new CustomEvent("rapport:undo", { detail: [{ url: `${here}/status`, fields }] }));
}"""


def test_an_undo_that_changed_nothing_hid_that(screens: Screens) -> None:
    robin = open_page(screens.agent("representative"), "/inbox/all", live=True)
    mara = open_page(screens.agent("specialist"), "/inbox/all", live=True)
    received(screens, robin, "Solved, and held by a colleague")
    open_row(robin, "Solved, and held by a colleague")
    here = robin.evaluate("location.pathname")
    assert mara.evaluate(ON_HOLD, here) == 200
    robin.evaluate(TAKE_BACK, here)
    expect(robin.locator('.toast[data-kind="danger"]')).to_contain_text("Nothing was taken back")
    assert robin.evaluate("window.undone") == 0


def test_many_could_only_be_selected_one_by_one(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/unassigned", live=True)
    for number in range(4):
        received(screens, page, f"Many {number}", sender=f"Ada <ada{number}@many.example>")
    box = "#rows > .row:has-text('Many {}') > label > input"
    page.locator(box.format(3)).click()
    page.locator(box.format(1)).click(modifiers=["Shift"])
    ticked = page.locator("#rows > .row > label > input:checked")
    expect(ticked).to_have_count(3)
    page.locator("#rows > .row:has-text('Many 3') > a").focus()
    page.keyboard.press("x")
    expect(ticked).to_have_count(2)
    page.locator("#rows > .row:has-text('Many 0') > a").focus()
    page.keyboard.press("X")
    expect(ticked).to_have_count(4)
    page.locator("[data-bulk-clear]").click()
    expect(ticked).to_have_count(0)
    page.keyboard.press("*")
    expect(ticked).to_have_count(page.locator("#rows > .row").count())
    page.locator("#bulk-priority-button").click()
    page.locator("#bulk-priority [value='3']").click()
    expect(page.locator(".toast", has_text="set to “High”")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    page.keyboard.press("*")
    expect(page.locator("#bulk [name=spam]")).to_be_in_viewport(ratio=1)
    assert screens.broken() == []


def two_chosen(screens: Screens, subject: str) -> Page:
    """Open the list with two new mails of this subject and choose both."""
    page = open_page(screens.agent("team_lead"), "/inbox/unassigned", live=True)
    for number in range(2):
        received(screens, page, f"{subject} {number}", sender=f"Ada <ada{number}@chosen.example>")
        page.locator(f"#rows > .row:has-text('{subject} {number}') > label > input").click()
    return page


def test_after_an_act_on_many_the_selection_was_given_up(screens: Screens) -> None:
    page = two_chosen(screens, "Kept chosen")
    page.locator("#bulk-priority-button").click()
    with page.expect_response(re.compile("part=rows")):
        page.locator("#bulk-priority [value='3']").click()
    expect(page.locator("#rows > .row:has-text('Kept chosen') .priority")).to_have_count(2)
    expect(page.locator("[data-bulk-count]")).to_have_text("2 selected")
    page.keyboard.press("e")
    expect(page.locator(".toast", has_text="2 conversations solved")).to_be_visible()
    expect(page.locator("#rows .row", has_text="Kept chosen")).to_have_count(0)
    expect(page.locator("[data-bulk]")).to_be_hidden()
    assert screens.broken() == []


def test_many_could_not_be_snoozed_until_a_time_of_ones_own(screens: Screens) -> None:
    page = two_chosen(screens, "Asleep")
    page.locator("#bulk-snooze-button").click()
    until = page.locator("#bulk-snooze").get_by_label("Until")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    until.fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    until.press("Enter")
    expect(page.locator(".toast", has_text="2 conversations snoozed")).to_be_visible()
    expect(page.locator("#bulk-snooze")).to_be_hidden()
    expect(page.locator("#rows .row", has_text="Asleep")).to_have_count(0)
    assert screens.broken() == []


def test_all_were_only_those_that_had_been_loaded(screens: Screens) -> None:
    screens.stand.seed("crowd", "Crowd", "60")
    page = open_page(screens.agent("team_lead"), "/inbox/unassigned", live=True)
    expect(page.locator("#rows > .row")).to_have_count(50)
    page.keyboard.press("*")
    expect(page.locator("#rows > .row > label > input:checked")).to_have_count(60)
    expect(page.locator("[data-bulk-count]")).to_have_text("60 selected")
    page.locator("#bulk [value='solved']").last.click()
    expect(page.locator(".toast", has_text="60 conversations solved")).to_be_visible()
    expect(page.locator("#rows > .row")).to_have_count(0)
    assert screens.broken() == []


def test_an_undo_gave_up_what_was_selected_since_and_left_the_focus_nowhere(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/unassigned", live=True)
    for number in range(3):
        received(screens, page, f"Since {number}", sender=f"Ada <ada{number}@since.example>")
    box = "#rows > .row:has-text('Since {}') > label > input"
    in_a_row = "Boolean(document.activeElement.closest('#rows > .row'))"
    ticked = page.locator("#rows > .row > label > input:checked")
    page.locator(box.format(0)).click()
    page.locator("#bulk-priority-button").click()
    page.locator("#bulk-priority [value='3']").click()
    notice = page.locator(".toast", has_text="set to “High”")
    expect(notice).to_be_visible()
    page.locator("[data-bulk-clear]").click()
    expect(ticked).to_have_count(0)
    hold_until(page, in_a_row)
    page.evaluate(
        "window.times = 0; addEventListener('rapport:refresh-list', () => (window.times += 1), true)"
    )
    for number in (1, 2):
        page.locator(box.format(number)).click()
    notice.get_by_role("button", name="Undo").focus()
    with page.expect_response(re.compile("part=rows")):
        page.keyboard.press("Enter")
    expect(page.locator("#rows > .row:has-text('Since 0') .priority")).to_have_count(0)
    expect(ticked).to_have_count(2)
    hold_until(page, in_a_row)
    assert page.evaluate("window.times") == 1
    page.locator("[data-bulk-clear]").focus()
    page.keyboard.press("Enter")
    expect(ticked).to_have_count(0)
    hold_until(page, in_a_row)
    assert screens.broken() == []


def test_what_takes_back_an_act_on_many_got_lost_in_a_header(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/unassigned", live=True)
    for number in range(3):
        received(screens, page, f"Two hundred {number}", sender=f"Ada <ada{number}@hundred.example>")
        page.locator(f"#rows > .row:has-text('Two hundred {number}') > label > input").click()
    page.locator("#bulk [value='solved']").last.click()
    expect(page.locator("#rows .row", has_text="Two hundred")).to_have_count(0)
    page.locator(".toast", has_text="3 conversations solved").get_by_role("button").click()
    expect(page.locator("#rows .row", has_text="Two hundred")).to_have_count(3)
    assert screens.broken() == []


def test_a_conversation_given_to_a_team_of_others_was_said_to_be_lost(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/unassigned", live=True)
    received(screens, page, "Meant for the workshop")
    open_row(page, "Meant for the workshop")
    page.locator("#m-assign-button").click()
    page.locator("#m-assign [name='team']", has_text="Workshop").click()
    expect(page.locator(".toast")).to_have_text(
        "Assigned to Workshop. You can no longer see this conversation."
    )
    expect(page.locator("#reading [data-conversation]")).to_have_count(0)
    expect(page.locator("#rows .row", has_text="Meant for the workshop")).to_have_count(0)
    assert page.evaluate("location.pathname") == "/inbox/unassigned"
    assert screens.broken() == []
