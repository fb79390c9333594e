"""What stands on a screen fits it and hides nothing else, from a telephone to a wide desk."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, hold_until, open_page, write

pytestmark = pytest.mark.browser
WIDTHS = (390, 620, 820, 960, 1000, 1100, 1250, 1360, 1440, 1600)
ROOMY = (1250, 1440, 1600)
"""Where a long status stands in whole, and of a long name at least the first one."""
ONE_LINE = """
(selector) => {
  const holder = document.querySelector(selector);
  const boxes = [...holder.children].map((each) => each.getBoundingClientRect()).filter((box) => box.width);
  const middles = boxes.map((box) => Math.round(box.top + box.height / 2));
  const edge = holder.closest('.conversation__main').getBoundingClientRect();
  return Math.max(...middles) - Math.min(...middles) <= 2
    && boxes.every((box) => box.left >= edge.left - 1 && box.right <= edge.right + 1)
    && boxes.every((box, i) => !i || box.left >= boxes[i - 1].right - 1);
}
"""
CUT = """
(each) => {
  const words = document.createRange();
  words.selectNodeContents(each);
  return words.getBoundingClientRect().width - each.getBoundingClientRect().width;
}
"""
SEEN = """
(each) => {
  const [words, holder] = [each, each.parentElement].map((box) => box.getBoundingClientRect());
  return words.top < holder.bottom && words.height > 0;
}
"""
COVERED = """
() => {
  const toast = document.querySelector('.toast').getBoundingClientRect();
  return [...document.querySelectorAll('[data-composer] :is(button, input, label, trix-editor, select)')]
    .filter((each) => each.checkVisibility())
    .filter((each) => {
      const box = each.getBoundingClientRect();
      return box.width && box.left < toast.right && box.right > toast.left
        && box.top < toast.bottom && box.bottom > toast.top;
    }).map((each) => each.outerHTML.slice(0, 120));
}
"""


def conversation(screens: Screens, page: Page, subject: str) -> str:
    """The address of a conversation that a mail with this subject has begun."""
    screens.stand.receive(subject=subject, text="Hello", sender="Ada Byron <ada@customer.example>")
    row = page.locator("#rows .row > a", has_text=subject)
    expect(row).to_be_visible()
    return str(row.get_attribute("href"))


def test_a_telephone_hid_tabs_and_numbers_and_showed_hints_before_the_results(screens: Screens) -> None:
    page = open_page(screens.agent("administrator", viewport={"width": 390, "height": 800}), "/trays")
    for tab in page.locator(".page .tabs__tab").all():
        expect(tab).to_be_in_viewport(ratio=1)
    open_page(page, "/settings/teams")
    page.locator("td a").first.evaluate("(each) => each.textContent = 'Kundendienst ' + 'Fahrrad'.repeat(6)")
    expect(page.locator("td[data-kind=number]").first).to_be_in_viewport(ratio=1)
    open_page(page, "/search?q=parcel")
    expect(page.locator(".search-hints").first).to_be_hidden()
    open_page(page, "/search")
    expect(page.locator(".search-hints").first).to_be_visible()
    assert screens.broken() == []


def test_the_name_of_who_has_a_conversation_was_cut_beside_the_word_of_a_button(screens: Screens) -> None:
    page = open_page(screens.agent(viewport={"width": 1440, "height": 800}), "/inbox/all", live=True)
    open_page(page, conversation(screens, page, "A name of two words"))
    page.locator("#m-status-button span").evaluate("(each) => each.textContent = 'Wartet auf Kunden'")
    name = page.locator("#m-assign-button span")
    name.evaluate("(each) => each.textContent = 'Katarzyna Zielińska'")
    solve = page.get_by_role("button", name="Solve")
    assert name.evaluate(CUT) <= 1
    assert page.evaluate(ONE_LINE, ".conversation__acts")
    page.set_viewport_size({"width": 1920, "height": 800})
    assert name.evaluate(CUT) <= 1
    assert solve.locator("span").evaluate(SEEN)


def test_two_toasts_had_two_widths(screens: Screens) -> None:
    page = open_page(screens.agent(), "/inbox/all", live=True)
    for words in ("Solved", "Somebody else has changed this meanwhile."):
        page.evaluate(
            "(text) => document.dispatchEvent(new CustomEvent('rapport:toast', {detail: {text}}))", words
        )
    expect(page.locator(".toast")).to_have_count(2)
    widths = {round(each.evaluate("(toast) => toast.offsetWidth")) for each in page.locator(".toast").all()}
    assert len(widths) == 1


@pytest.mark.parametrize(
    ("status", "who"), [("New", "Nobody yet"), ("Wartet auf Kunden", "Konstantina Papadopoulou")]
)
def test_the_head_of_a_conversation_wrapped_on_a_small_desk(screens: Screens, status: str, who: str) -> None:
    page = open_page(screens.agent(), "/inbox/all", live=True)
    open_page(page, conversation(screens, page, f"A head of one line, {who}"))
    page.locator("#m-status-button span").evaluate("(each, words) => each.textContent = words", status)
    page.locator("#m-assign-button span").evaluate("(each, words) => each.textContent = words", who)
    wrapped, bare, cut = [], [], []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        # On a phone status and assignee have a line of their own.
        parts = (".conversation__acts", ".composer__tabs")[width == WIDTHS[0] :]
        wrapped += [(width, part) for part in parts if not page.evaluate(ONE_LINE, part)]
        shown = page.locator("#m-assign-button span").evaluate("(each) => each.clientWidth")
        bare += [width] if shown < 40 and width not in (960, 1000) else []
        if width in ROOMY and (page.locator("#m-status-button span").evaluate(CUT) > 0 or shown < 50):
            cut.append(width)
    assert (wrapped, bare, cut) == ([], [], [])
    assert screens.broken() == []


@pytest.mark.parametrize("status", ["New", "Open", "Offen", "Solved"])
def test_on_a_phone_the_status_was_cut(screens: Screens, status: str) -> None:
    desk = open_page(screens.agent(), "/inbox/all", live=True)
    address = conversation(screens, desk, f"The status {status} in whole")
    phone = screens.agent(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = open_page(phone, address)
    words, who = (page.locator(f"#m-{name}-button span") for name in ("status", "assign"))
    words.evaluate("(each, words) => each.textContent = words", status)
    assert who.evaluate(CUT) <= 0
    page.locator("#m-status-button").click()
    solve = page.locator("#m-status [value=solved] span")
    expect(solve).to_be_visible()
    assert solve.evaluate(CUT) <= 0
    page.keyboard.press("Escape")
    who.evaluate("(each) => each.textContent = 'Konstantina Papadopoulou'")
    assert words.evaluate(CUT) <= 0


@pytest.mark.parametrize(("width", "height"), [(1360, 860), (1000, 700), (390, 800), (390, 420)])
def test_a_toast_covered_the_button_that_answers(screens: Screens, width: int, height: int) -> None:
    desk = open_page(screens.agent(), "/inbox/all", live=True)
    address = conversation(screens, desk, f"A toast at {width} by {height}")
    page = open_page(screens.agent(viewport={"width": width, "height": height}), address)
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('rapport:toast', {detail: {text: 'Kept for you.'}}))"
    )
    expect(page.locator(".toast")).to_be_visible()
    hold_until(page, f"!({COVERED})().length")
    page.locator('[data-tab="reply"]').click()
    expect(page.locator("#composer-editor")).to_be_visible()
    page.evaluate("document.dispatchEvent(new CustomEvent('rapport:toast', {detail: {text: 'Kept again.'}}))")
    hold_until(page, f"!({COVERED})().length")
    assert screens.broken() == []


@pytest.mark.parametrize(("width", "height"), [(1360, 860), (390, 800)])
def test_without_scripts_what_was_done_stands_above_a_desk_that_still_fits(
    screens: Screens, width: int, height: int
) -> None:
    desk = open_page(screens.agent(), "/inbox/all", live=True)
    address = conversation(screens, desk, f"Solved without scripts at {width}")
    page = screens.agent(viewport={"width": width, "height": height}, java_script_enabled=False)
    page.goto(address)
    page.get_by_role("button", name="Solve").click()
    said = page.locator(".messages")
    expect(said).to_contain_text("Solved")
    expect(said).to_be_in_viewport(ratio=1)
    expect(page.locator("#composer")).to_be_in_viewport(ratio=1)
    said.get_by_role("button", name="Undo").click()
    expect(said).to_contain_text("Taken back.")
    expect(page.get_by_role("button", name="Solve")).to_be_visible()


def test_the_side_panel_counted_no_file_that_was_sent_since(screens: Screens) -> None:
    desk = open_page(screens.agent(), "/inbox/all", live=True)
    page = open_page(screens.agent(), conversation(screens, desk, "A file in the answer"), live=True)
    expect(page.locator("#side-panel .side__name")).to_be_visible()
    expect(page.locator('#side-panel [data-section="files"]')).to_have_count(0)
    page.locator('[data-section="earlier"] > summary').click()
    page.locator('[data-tab="reply"]').click()
    page.locator("#composer-editor").click()
    page.keyboard.type("Here is the plan")
    page.locator("[data-composer] [data-attach]").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"left, then right"}
    )
    expect(page.locator("[data-files] li input[name=file]")).to_be_attached()
    page.locator("#composer-editor").click()
    page.keyboard.press("Control+Enter")
    files = page.locator('#side-panel [data-section="files"]')
    expect(files).to_contain_text("plan.txt")
    expect(files.locator(".side__count")).to_have_text("1")
    assert page.locator('[data-section="earlier"]').get_attribute("open") is None
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator("#conversation-header [data-toggle-panel]").click()
    empty = "(list) => list.clientHeight - list.firstElementChild.firstElementChild.clientHeight"
    assert files.locator(".files").evaluate(empty) < 10
    assert screens.broken() == []


def test_a_long_file_name_pushed_all_files_out_of_the_panel(screens: Screens) -> None:
    desk = open_page(screens.agent(), "/inbox/all", live=True)
    page = open_page(screens.agent(), conversation(screens, desk, "A file with a long name"), live=True)
    write(page, "note", "Measured twice")
    name = f"{'Measured-by-the-workshop-' * 4}.txt"
    page.locator("[data-composer] [data-attach]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": b"left, then right"}
    )
    expect(page.locator("[data-files] li input[name=file]")).to_be_attached()
    page.keyboard.press("Control+Enter")
    files = page.locator('#side-panel [data-section="files"]')
    expect(files).to_contain_text("Measured-by")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 800})
        if width == 390:
            page.locator("#conversation-header [data-toggle-panel]").click()
        panel, card = page.locator("#side-panel").bounding_box(), files.locator(".file__link").bounding_box()
        assert panel is not None
        assert card is not None
        assert panel["x"] <= card["x"]
        assert card["x"] + card["width"] <= panel["x"] + panel["width"]
        lines = "(size) => size.clientHeight / parseFloat(getComputedStyle(size).lineHeight)"
        assert files.locator(".file__size").evaluate(lines) < 1.5
    assert screens.broken() == []
