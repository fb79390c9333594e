"""What is typed is kept: while one types, when one leaves or was signed out, when an answer comes back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, come_back, open_page, open_row, received, slow_down, write
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
SAVES = re.compile(r"/draft$")
TYPE_ON = """async () => {
  const { editor } = document.getElementById('composer-editor');
  for (let times = 0; times < 25; times += 1) {
    editor.insertString('and on ');
    await new Promise((done) => setTimeout(done, 200));
  }
}"""


def begin(screens: Screens, subject: str, role: str = "representative") -> Page:
    """A conversation with this subject, open on the desk of somebody."""
    page = open_page(screens.agent(role), "/inbox/all", live=True)
    received(screens, page, subject)
    open_row(page, subject)
    return page


MENTIONED = """async () => {
  await (await import('workspace/colleagues')).colleagues();
  return (await import('workspace/completion')).mentioned(document.querySelector('form[data-composer]'));
}"""
NAMESAKES = """{"colleagues": [
  {"id": 1, "name": "Jan", "role": "collaborator"},
  {"id": 2, "name": "Jan Berg", "role": "collaborator"},
  {"id": 3, "name": "Jan Berger", "role": "collaborator"}
]}"""


@pytest.mark.parametrize(("words", "meant"), [("@Jan Berger, look", [3]), ("@Jan and @Jan Berg", [1, 2])])
def test_whose_name_begins_that_of_a_colleague_was_let_in_with_them(
    screens: Screens, words: str, meant: list[int]
) -> None:
    page = begin(screens, f"Namesakes {meant}")
    page.route("**/colleagues", lambda route: route.fulfill(body=NAMESAKES, content_type="application/json"))
    write(page, "note", words)
    assert sorted(page.evaluate(MENTIONED)) == meant


def test_the_last_words_were_lost_with_their_page(screens: Screens) -> None:
    page = begin(screens, "Left at once")
    here = page.url
    write(page, "note", "Written and left")
    page.goto("/profile")
    come_back(page, here, "#composer-editor[contenteditable]")
    expect(page.locator("#composer-editor")).to_contain_text("Written and left")
    page.locator("#composer-editor").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" once more")
    page.locator('[data-tab="reply"]').focus()
    page.goto("/profile")
    come_back(page, here, "#composer-editor[contenteditable]")
    expect(page.locator("#composer-editor")).to_contain_text("Written and left once more")


def test_steady_typing_was_not_saved_before_it_paused(screens: Screens) -> None:
    page = begin(screens, "Typed without a pause")
    write(page, "note", "Begun")
    saves: list[str] = []
    page.on("request", lambda sent: saves.append(sent.url) if SAVES.search(sent.url) else None)
    page.evaluate(TYPE_ON)
    assert saves
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved")


def test_the_last_letter_was_lost_when_it_was_sent_at_once(screens: Screens) -> None:
    page = begin(screens, "Sent within a blink")
    write(page, "note", "Written in ful")
    page.evaluate("window.requestAnimationFrame = () => 0")
    page.keyboard.type("l")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-timeline]")).to_contain_text("Written in full")


def test_words_that_were_sent_came_back_when_the_page_was_left(screens: Screens) -> None:
    page = begin(screens, "Sent and left")
    here = page.url
    write(page, "note", "Sent, and the page is left")
    page.keyboard.press("Control+Enter")
    page.goto("/profile")
    come_back(page, here, "[data-timeline]:has-text('Sent, and the page is left')")
    expect(page.locator("form#composer")).to_have_count(0)


def test_the_last_words_were_not_there_when_their_conversation_was_opened_again(screens: Screens) -> None:
    page = begin(screens, "Opened twice")
    write(page, "note", "Typed and reopened")
    page.locator("#rows li.row > a", has_text="Opened twice").first.click()
    expect(page.locator("#composer-editor")).to_contain_text("Typed and reopened")
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.locator("#composer-editor")).to_contain_text("Typed and reopened")


def test_words_in_another_tab_were_lost_when_an_answer_was_taken_back(screens: Screens) -> None:
    page = begin(screens, "Taken back while a note was begun")
    write(page, "reply", "It arrives tomorrow")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo-form] button")).to_be_visible()
    write(page, "note", "Half a note")
    page.locator("[data-undo-form] button").click()
    expect(page.locator("#composer-editor")).to_contain_text("It arrives tomorrow")
    page.locator('[data-tab="note"]').click()
    expect(page.locator("#composer-editor")).to_contain_text("Half a note")
    assert screens.broken() == []


def test_an_afterthought_stands_below_the_answer_that_was_taken_back(screens: Screens) -> None:
    page = begin(screens, "Taken back with an afterthought")
    write(page, "reply", "It arrives tomorrow")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-undo-form] button")).to_be_visible()
    write(page, "reply", "Or on Friday")
    page.locator("[data-undo-form] button").click()
    editor = page.locator("#composer-editor")
    expect(editor).to_contain_text("It arrives tomorrow")
    expect(editor).to_contain_text("Or on Friday")
    assert screens.broken() == []


def test_signed_out_and_in_again_nothing_typed_could_be_saved_or_sent_any_more(screens: Screens) -> None:
    page = begin(screens, "Signed out meanwhile", role="qa_analyst")
    write(page, "note", "Before it ended.")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved")
    page.context.clear_cookies(name="rapport")
    page.keyboard.type(" After it ended.")
    notice = page.locator(".toast", has_text="You were signed out")
    expect(notice).to_be_visible()
    page.locator("#m-more-button").click()
    page.wait_for_timeout(6000)
    expect(notice).to_have_count(1)
    with page.context.expect_page() as opened:
        notice.locator("button", has_text="Sign in").click()
    other = opened.value
    other.fill("input[name=login]", "qa_analyst@staff.example")
    other.fill("input[name=password]", PASSWORD)
    other.keyboard.press("Enter")
    expect(other.locator("[data-desk]")).to_be_visible()
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved")
    page.locator("#composer-editor").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-timeline]")).to_contain_text("After it ended.")
    assert screens.broken() == []


def test_a_form_opened_before_signing_in_again_had_expired(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/profile")
    name, value = page.evaluate("document.cookie.match(/([^ ;]*rapport-csrf)=([^;]+)/).slice(1)")
    changed = value[::-1]
    page.context.add_cookies([{"name": name, "value": changed, "url": screens.stand.url}])
    page.locator("form.form [type=submit]").first.click()
    expect(page.locator("main")).not_to_contain_text("This form has expired")
    expect(page.locator("form.form")).to_be_visible()


def test_a_first_mail_was_lost_while_it_had_no_text(screens: Screens) -> None:
    page = open_page(screens.agent("specialist"), "/new")
    page.wait_for_selector("trix-editor[contenteditable]", state="attached")
    page.locator("[name=to]").fill("carla@customer.example")
    page.locator("[name=subject]").fill("Your bicycle is ready")
    page.goto("/profile")
    come_back(page, "/new", "[name=to][value*='carla@customer.example']")
    expect(page.locator("[name=to]")).to_have_value("carla@customer.example")
    expect(page.locator("[name=subject]")).to_have_value("Your bicycle is ready")


def test_keys_pressed_before_the_editor_is_there_are_kept(screens: Screens) -> None:
    page = screens.agent("specialist")
    slow_down(page, "**/trix*.js")
    open_page(page, "/inbox/all", live=True)
    received(screens, page, "Typed too early")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    page.keyboard.type("hej snart", delay=20)
    expect(page.locator("#composer")).to_have_attribute("data-mode", "note")
    expect(page.locator("#composer-editor")).to_contain_text("hej snart")
    expect(page.locator("#composer-editor")).to_be_focused()
    assert screens.broken() == []
