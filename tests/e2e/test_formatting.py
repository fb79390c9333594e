"""Formatting is kept from where words are written to where they are sent."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page, open_row, received, write

pytestmark = pytest.mark.browser


def embolden(page: Page, words: str) -> None:
    # Trix draws what was typed a moment later, and with it the selection as it was then.
    editor = page.locator("trix-editor")
    expect(editor).to_contain_text(words)
    editor.evaluate(
        """(element, words) => {
            const begin = element.editor.getDocument().toString().indexOf(words);
            element.editor.setSelectedRange([begin, begin + words.length]);
        }""",
        words,
    )
    page.locator('[data-trix-attribute="bold"]').click()
    expect(editor.locator("strong")).to_have_text(words)


def test_a_signature_and_a_canned_reply_keep_their_formatting(screens: Screens) -> None:
    lead = open_page(screens.agent("team_lead"), "/settings/canned-replies/new")
    lead.locator("[name=name]").fill("Opening hours")
    lead.locator("[name=shortcut]").fill("hours")
    lead.locator("trix-editor[contenteditable]").click()
    lead.keyboard.type("Dear {customer.first_name}, we open at nine")
    embolden(lead, "nine")
    lead.locator("form.form [type=submit]").first.dblclick()
    expect(lead.locator("main")).to_contain_text("Opening hours")
    expect(lead.locator("[data-invalid]")).to_have_count(0)
    lead.goto("/profile")
    lead.locator("trix-editor[contenteditable]").click()
    lead.keyboard.type("Mara of {brand.name}")
    embolden(lead, "Mara of {brand.name}")
    lead.locator("form.form [type=submit]").first.click()
    expect(lead.locator("trix-editor strong")).to_have_text("Mara of {brand.name}")
    page = open_page(lead, "/inbox/all", live=True)
    subject = "When do you open?"
    received(screens, page, subject)
    open_row(page, subject)
    write(page, "reply", "/hours")
    expect(page.locator(".completion__preview").first).to_have_text("Dear Ada, we open at nine")
    page.locator(".completion [role=option]").first.click()
    expect(page.locator("#composer-editor")).to_contain_text("Dear Ada, we open at nine")
    expect(page.locator("#composer-editor strong")).to_have_text("nine")
    page.keyboard.press("Control+Enter")
    answer = page.locator("[data-timeline] article", has_text="we open at")
    expect(answer.locator("strong").first).to_have_text("nine")
    assert screens.broken() == []
