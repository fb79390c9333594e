"""Files and pictures go with the words that they were added to, however slowly they come."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page, open_row, received, slow_down, write

pytestmark = pytest.mark.browser
INLINE = re.compile(r"^/files/\d+/")


def paste_picture(page: Page) -> None:
    """Paste a small picture where the cursor stands."""
    page.locator("#composer-editor").click()
    page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
          const data = await new Promise((done) => canvas.toBlob(done, 'image/png'));
          const clipboardData = new DataTransfer();
          clipboardData.items.add(new File([data], 'frame.png', { type: 'image/png' }));
          const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
          document.querySelector('#composer-editor').dispatchEvent(event);
        }"""
    )
    expect(page.locator("#composer-editor figure")).to_be_visible()


def attach(page: Page, name: str) -> None:
    page.locator("[data-composer] [data-attach]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": b"left, then right"}
    )


def send_before_the_file_is_there(page: Page, name: str) -> None:
    slow_down(page, "**/files")
    attach(page, name)
    page.locator("#composer-editor").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-draft-state]")).to_have_text("Sent as soon as the files are there")


def test_an_answer_went_out_without_the_file_that_was_still_on_its_way(screens: Screens) -> None:
    page = open_page(screens.agent(), "/inbox/all", live=True)
    subject = "Which way is up?"
    received(screens, page, subject)
    open_row(page, subject)
    write(page, "reply", "See the plan")
    send_before_the_file_is_there(page, "plan.txt")
    answer = page.locator("[data-timeline] article", has_text="See the plan")
    expect(answer).to_contain_text("plan.txt")


def test_a_note_that_waited_for_its_file_went_to_the_customer(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    subject = "Whom does it go to?"
    received(screens, page, subject)
    open_row(page, subject)
    write(page, "note", "For colleagues alone")
    send_before_the_file_is_there(page, "costs.txt")
    page.locator('[data-tab="reply"]').dispatch_event("click")
    note = page.locator("[data-timeline] article", has_text="For colleagues alone")
    expect(note).to_contain_text("costs.txt")
    expect(page.locator('[data-timeline] [data-kind="message.sent"]')).to_have_count(0)


def test_a_file_of_the_answer_left_with_the_note(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    subject = "An offer, please"
    received(screens, page, subject)
    open_row(page, subject)
    files = page.locator("[data-files] [data-file]")
    write(page, "reply", "Here is the offer")
    attach(page, "offer.txt")
    expect(files).to_have_text(["offer.txt×"])
    write(page, "note", "The last words of the answer are kept")
    expect(files).to_have_count(0)
    attach(page, "costs.txt")
    expect(files).to_have_text(["costs.txt×"])
    page.keyboard.press("Control+Enter")
    note = page.locator("[data-timeline] article", has_text="The last words")
    expect(note).to_contain_text("costs.txt")
    expect(note).not_to_contain_text("offer.txt")
    expect(page.locator("#composer-editor")).to_contain_text("Here is the offer")
    expect(files).to_contain_text(["offer.txt"])
    assert screens.broken() == []


def test_a_picture_still_on_its_way_lost_its_address_with_its_tab(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    subject = "What does it look like?"
    received(screens, page, subject)
    open_row(page, subject)
    slow_down(page, "**/files")
    write(page, "note", "It looks so: ")
    paste_picture(page)
    with page.expect_response("**/files"):
        page.locator('[data-tab="reply"]').click()
    expect(page.locator("#composer-editor figure")).to_have_count(0)
    page.locator('[data-tab="note"]').click()
    expect(page.locator("#composer-editor figure img")).to_have_attribute("src", INLINE)
    page.keyboard.press("Control+Enter")
    note = page.locator("[data-timeline] article", has_text="It looks so")
    expect(note.locator("img[src]")).to_be_visible()
    assert screens.broken() == []


def test_a_note_of_a_picture_alone_was_refused(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    subject = "No words needed"
    received(screens, page, subject)
    open_row(page, subject)
    page.locator('[data-tab="note"]').click()
    page.wait_for_selector("trix-editor[contenteditable]", state="attached")
    paste_picture(page)
    expect(page.locator('#composer-editor figure[data-trix-attachment*="fileId"]')).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator('[data-timeline] [data-kind="note.added"] img[src]')).to_be_visible()
