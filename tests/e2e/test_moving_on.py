"""Going from one conversation to the next while the server is slow: nothing lands in the wrong one."""

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.e2e.screens import Screens, open_page, open_row, received, write

pytestmark = pytest.mark.browser


def slowly(page: Page, milliseconds: int) -> Callable[[Route], None]:
    """Return a route that lets an answer arrive so much later."""

    def late(route: Route) -> None:
        # A page that ends with its test no longer waits for anything.
        with suppress(Error):
            page.wait_for_timeout(milliseconds)
            route.continue_()

    return late


WATCH = """([words]) => {
  window.mixed = [];
  const pane = document.getElementById('reading');
  new MutationObserver(() => pane.textContent.includes(words) && window.mixed.push(pane.textContent)).observe(
    pane, { childList: true, subtree: true, characterData: true });
}"""
"""Words of the conversation before that stand in the pane of this one, however briefly."""


def two(screens: Screens, page: Page, first: str, second: str) -> None:
    """Two conversations in the list, the first of them open."""
    open_page(page, "/inbox/all", live=True)
    received(screens, page, second, sender="Iris Ott <iris@customer.example>")
    received(screens, page, first)
    open_row(page, first)


def test_an_answer_stood_in_the_next_conversation_and_a_key_solved_the_one_before(screens: Screens) -> None:
    page = screens.agent("representative")
    two(screens, page, "Theta answered", "Iota opened")
    page.route(re.compile(r"\?only="), slowly(page, 1500))
    page.route(re.compile(r"\?part=header"), slowly(page, 2500))
    write(page, "reply", "An answer for Theta alone")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-timeline]")).to_contain_text("An answer for Theta alone")
    open_row(page, "Iota opened")
    page.evaluate(WATCH, ["Theta"])
    page.wait_for_timeout(6000)
    assert page.evaluate("window.mixed") == []
    page.keyboard.press("e")
    expect(page.locator("[data-timeline] [data-kind='status.changed']")).to_have_count(1)
    assert screens.broken() == []


def test_an_act_answered_late_left_its_header_over_the_next_conversation(screens: Screens) -> None:
    page = screens.agent("representative")
    two(screens, page, "Kappa solved", "Lambda opened")
    page.route("**/status", slowly(page, 700))
    page.keyboard.press("e")
    open_row(page, "Lambda opened")
    page.evaluate(WATCH, ["Kappa"])
    page.wait_for_timeout(1500)
    assert page.evaluate("window.mixed") == []
    assert screens.broken() == []


def test_words_sent_late_left_their_composer_and_their_sender_behind(screens: Screens) -> None:
    page = screens.agent("representative")
    two(screens, page, "Mu answered", "Nu opened")
    seen: list[str] = []
    page.on("request", lambda sent: seen.append(sent.post_data or "") if "/presence" in sent.url else None)
    page.route("**/reply", slowly(page, 900))
    topic = page.locator("[data-conversation]").get_attribute("data-topic")
    assert topic
    write(page, "reply", "An answer for Mu alone")
    page.keyboard.press("Control+Enter")
    open_row(page, "Nu opened")
    seen.clear()
    page.wait_for_timeout(2000)
    assert not [each for each in seen if f'"{topic}"' in each], "who has left is shown as looking on"
    expect(page.locator("form#composer")).to_have_count(0)
    assert b"An answer for Mu alone" in screens.stand.wait_for_sent("Re: Mu answered")
    assert screens.broken() == []
