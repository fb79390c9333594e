"""Whom an answer goes to: nobody is dropped on the way."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, come_back, open_page
from tests.e2e.test_desk import open_row, received, write

pytestmark = pytest.mark.browser


def with_copy(screens: Screens, subject: str, typed: str) -> Page:
    """An answer with what was typed into the row for copies, and not left yet."""
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, subject)
    open_row(page, subject)
    write(page, "reply", "It arrives tomorrow")
    page.locator('[data-show-recipients="cc"]').click()
    page.keyboard.type(typed)
    return page


@pytest.mark.parametrize("way", ["click", "keys"])
def test_an_answer_went_out_without_the_copy_that_was_typed_wrongly(screens: Screens, way: str) -> None:
    subject = f"Copied by {way}"
    page = with_copy(screens, subject, "boss@firm")
    if way == "click":
        page.locator("[data-send]").click()
    else:
        page.keyboard.press("Control+Enter")
    copy = page.locator("[data-recipients=cc] .recipients__entry")
    expect(page.locator(".toast", has_text="boss@firm is no e-mail address")).to_have_count(1)
    expect(copy).to_be_focused()
    expect(copy).to_have_value("boss@firm")
    expect(page.locator("[data-undo-form]")).to_have_count(0)
    page.keyboard.type(".example")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo-form]")).to_be_visible()
    assert b"Cc: boss@firm.example" in screens.stand.wait_for_sent(f"Re: {subject}")
    assert screens.broken() == []


def test_a_copy_typed_halfway_was_lost_with_its_page(screens: Screens) -> None:
    page = with_copy(screens, "Half an address", "boss@firm")
    here = page.url
    page.goto("/profile")
    come_back(page, here, "[data-recipients=cc] .recipients__entry")
    expect(page.locator("[data-recipients=cc] .recipients__entry")).to_have_value("boss@firm")
    expect(page.locator("[data-recipients=to] .chip")).to_contain_text("Ada Byron")
