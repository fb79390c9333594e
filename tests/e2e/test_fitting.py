"""What stands on a screen fits it and hides nothing else, from a telephone to a wide desk."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page

pytestmark = pytest.mark.browser
WIDTHS = (390, 620, 820, 960, 1000, 1100, 1250, 1360, 1600)
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


@pytest.mark.parametrize(
    ("status", "who"), [("New", "Nobody yet"), ("Wartet auf Kunden", "Konstantina Papadopoulou")]
)
def test_the_head_of_a_conversation_wrapped_on_a_small_desk(screens: Screens, status: str, who: str) -> None:
    page = open_page(screens.agent(), "/inbox/all", live=True)
    open_page(page, conversation(screens, page, f"A head of one line, {who}"))
    page.locator("#m-status-button span").evaluate("(each, words) => each.textContent = words", status)
    page.locator("#m-assign-button span").evaluate("(each, words) => each.textContent = words", who)
    wrapped = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        parts = (".conversation__acts", ".composer__tabs")
        wrapped += [(width, part) for part in parts if not page.evaluate(ONE_LINE, part)]
    assert wrapped == []
    assert screens.broken() == []


@pytest.mark.parametrize(("width", "height"), [(1360, 860), (1000, 700), (390, 800), (390, 420)])
def test_a_toast_covered_the_button_that_answers(screens: Screens, width: int, height: int) -> None:
    desk = open_page(screens.agent(), "/inbox/all", live=True)
    address = conversation(screens, desk, f"A toast at {width} by {height}")
    page = open_page(screens.agent(viewport={"width": width, "height": height}), address)
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('rapport:toast', {detail: {text: 'Kept for you.'}}))"
    )
    expect(page.locator(".toast")).to_be_visible()
    assert page.evaluate(COVERED) == []
    page.locator('[data-tab="reply"]').click()
    expect(page.locator("#composer-editor")).to_be_visible()
    page.evaluate("document.dispatchEvent(new CustomEvent('rapport:toast', {detail: {text: 'Kept again.'}}))")
    page.wait_for_function(f"!({COVERED})().length")
    assert screens.broken() == []


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
    assert screens.broken() == []
