"""Keys for everything on the desk, and a switch for those to whom they do harm."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.screens import Screens, open_page, open_row, received, write

pytestmark = pytest.mark.browser


def test_keys_of_one_letter_can_be_switched_off(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Spoken to the computer")
    open_row(page, "Spoken to the computer")
    page.keyboard.press("?")
    switch = page.locator("dialog[open] [data-keys-switch]")
    expect(switch).to_be_checked()
    switch.click()
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector('html[data-live="up"]', state="attached")
    for key in ("s", "e", "D", "?", "c"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    expect(page.locator("[data-menu]:popover-open, dialog[open]")).to_have_count(0)
    expect(page.locator("#conversation-header [data-key=e]")).to_be_visible()
    page.locator("#account-menu-button").click()
    page.locator("[data-open-dialog=shortcuts]").click()
    expect(switch).not_to_be_checked()
    switch.click()
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.locator("#m-status:popover-open")).to_be_visible()
    assert screens.broken() == []


def test_a_filter_without_hits_said_nothing_and_its_tag_had_to_be_typed_again(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "Tagged by Enter")
    open_row(page, "Tagged by Enter")
    page.keyboard.press("a")
    menu = page.locator("#m-assign")
    expect(menu.locator("[data-menu-item]").first).to_be_visible()
    page.keyboard.type("xyzzy")
    expect(menu.locator("[data-menu-none]")).to_be_visible()
    expect(menu.locator(".menu__title")).to_be_hidden()
    # The first Escape empties the filter.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#new-tag")).to_be_visible()
    page.keyboard.type("front light")
    expect(page.locator("#m-tags [data-menu-none]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#conversation-header .tags")).to_contain_text("front light")
    assert screens.broken() == []


def test_enter_in_a_filter_nobody_had_typed_in_did_the_first_act(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "Assigned by accident")
    page.locator("#rows .row", has_text="Assigned by accident").locator("a").focus()
    page.keyboard.press("x")
    page.wait_for_selector("#bulk-assign-button")
    page.keyboard.press("a")
    menu = page.locator("#bulk-assign")
    expect(menu.locator("[data-menu-filter]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu.locator("[data-menu-item]").first).to_be_focused()
    expect(page.locator(".toast")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("It was so already")
    assert screens.broken() == []


BUSY = """() => {
  // A busy browser tells late that a menu is open: the keys that follow come first.
  const late = (event) => {
    if (!event.isTrusted) return;
    event.stopImmediatePropagation();
    const { target, newState } = event;
    setTimeout(() => target.dispatchEvent(new ToggleEvent("toggle", { newState })), 300);
  };
  addEventListener("toggle", late, true);
}"""


def test_a_menu_took_keys_back_that_came_before_it_was_told_open(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "Assigned in haste")
    page.locator("#rows .row", has_text="Assigned in haste").locator("a").focus()
    page.keyboard.press("x")
    page.wait_for_selector("#bulk-assign-button")
    page.evaluate(BUSY)
    page.keyboard.press("a")
    menu = page.locator("#bulk-assign")
    page.keyboard.type("nob")
    expect(page.locator("#bulk-assign-button")).to_have_attribute("aria-expanded", "true")
    expect(menu.locator("[data-menu-filter]")).to_have_value("nob")
    page.keyboard.press("ArrowDown")
    expect(menu.locator("[data-menu-item]").first).to_be_focused()
    assert screens.broken() == []


COMPOSED = """(field, key) => {
  // As Safari tells of it: the word is over before its key is.
  const event = new KeyboardEvent("keydown", { key, keyCode: 229, bubbles: true, cancelable: true });
  field.dispatchEvent(event);
}"""


def compose(page: Page, words: str) -> None:
    """Write as an input method does: the word stands there, and a key has yet to end it."""
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": words, "selectionStart": 0, "selectionEnd": len(words)})


def test_enter_that_ended_a_word_of_an_input_method_pressed_and_sent(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "Written in Japanese")
    open_row(page, "Written in Japanese")
    page.keyboard.press("a")
    expect(page.locator("#m-assign [data-menu-item]").first).to_be_visible()
    compose(page, "Robin")
    page.keyboard.press("Enter")
    expect(page.locator("#m-assign:popover-open")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    write(page, "note", "Half ")
    page.keyboard.type("@")
    suggestions = page.locator("#completion:popover-open")
    expect(suggestions.locator(".menu__item").first).to_be_visible()
    page.locator("#composer-editor").evaluate(COMPOSED, "Enter")
    page.locator("#composer-editor").evaluate(COMPOSED, "Escape")
    expect(suggestions).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#composer-editor").evaluate(COMPOSED, "Escape")
    expect(page.locator("#composer")).to_have_attribute("data-open", "yes")
    page.locator('[data-tab="reply"]').click()
    page.locator("[data-show-recipients=cc]").click()
    compose(page, "bob@firm.example")
    page.locator("[data-recipients=cc] .recipients__entry").evaluate(COMPOSED, "Enter")
    expect(page.locator("[data-recipients=cc] .chip")).to_have_count(0)
    assert screens.broken() == []


def test_acts_of_the_menus_had_no_keys(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "Everything by keys")
    open_row(page, "Everything by keys")
    for key, menu in (("p", "#m-priority"), ("m", "#m-more")):
        page.keyboard.press(key)
        expect(page.locator(f"{menu}:popover-open [data-menu-item]").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(f"{menu}:popover-open")).to_have_count(0)
    page.keyboard.press("b")
    expect(page.locator("#subject-dialog[open] [name=subject]")).to_be_focused()
    page.keyboard.press("Escape")
    toggle = page.locator("[data-toggle-panel][aria-expanded]")
    page.keyboard.press("i")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    for key, words in (
        ("w", "You follow"),
        ("w", "no longer follow"),
        ("u", "Marked as unread"),
        ("D", "Deleted"),
    ):
        page.keyboard.press(key)
        expect(page.locator(".toast", has_text=words)).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("[data-timeline]")).to_contain_text(re.compile("restored"))
    assert screens.broken() == []


def test_what_was_typed_in_a_menu_did_not_find_its_item(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Held by typing")
    open_row(page, "Held by typing")
    page.keyboard.press("s")
    page.keyboard.type("hold")
    expect(page.locator("#m-status [value=on_hold]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#m-status-button")).to_contain_text("On hold")
    page.keyboard.press("s")
    expect(page.locator("#m-status [data-menu-item]").first).to_be_focused()
    page.keyboard.type("xyz")
    page.keyboard.press("Enter")
    expect(page.locator("#m-status:popover-open")).to_be_visible()
    assert screens.broken() == []


def test_escape_in_a_menu_of_the_editor_folded_the_whole_editor(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Only the menu closes")
    open_row(page, "Only the menu closes")
    write(page, "reply", "Half")
    page.locator("#send-and-button").click()
    expect(page.locator("#send-and [data-menu-item]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#send-and-button")).to_be_focused()
    page.locator('[data-tab="note"]').click()
    page.keyboard.type("@")
    expect(page.locator("#completion:popover-open")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#completion:popover-open")).to_have_count(0)
    page.locator('[data-trix-action="link"]').click()
    expect(page.locator(".trix-dialog [name=href]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".trix-dialog [name=href]")).to_be_hidden()
    expect(page.locator("#composer")).to_have_attribute("data-open", "yes")
    page.locator("#composer-editor").press("Escape")
    expect(page.locator("#composer")).to_have_attribute("data-open", "no")
    assert screens.broken() == []


def test_suggestions_closed_behind_whoever_came_back_to_the_text(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Back before the suggestions close")
    open_row(page, "Back before the suggestions close")
    write(page, "note", "Half ")
    page.locator("#composer-editor").evaluate("(editor) => { editor.blur(); editor.focus(); }")
    page.keyboard.type("@")
    expect(page.locator("#completion:popover-open")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator("#completion:popover-open")).to_be_visible()
    assert screens.broken() == []


def test_escape_before_the_suggestions_came_folded_the_editor(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, "Suggestions on their way")
    open_row(page, "Suggestions on their way")
    write(page, "reply", "Half ")
    page.route("**/canned?**", lambda route: None)
    page.keyboard.type("/")
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_have_attribute("data-open", "yes")
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_have_attribute("data-open", "no")
    assert screens.broken() == []


def test_keys_act_on_the_rows_that_are_selected(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    for subject in ("Selected one", "Selected two", "Open beside them"):
        received(screens, page, subject)
    open_row(page, "Open beside them")
    for subject in ("Selected one", "Selected two"):
        page.locator("#rows .row", has_text=subject).locator("a").focus()
        page.keyboard.press("x")
    page.keyboard.press("a")
    page.wait_for_selector("#bulk-assign-button")
    # The key may have come before the menu: outside of one, Escape gives the selection up.
    page.locator("#bulk-assign").evaluate("(menu) => menu.matches(':popover-open') || menu.showPopover()")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk-assign:popover-open")).to_have_count(0)
    expect(page.locator("#m-assign:popover-open")).to_have_count(0)
    page.keyboard.press("e")
    expect(page.locator(".toast", has_text="2 conversations solved")).to_be_visible()
    expect(page.locator("#rows .row", has_text="Selected")).to_have_count(0)
    expect(page.locator("#rows .row", has_text="Open beside them")).to_have_count(1)
    expect(page.locator("#conversation-header [data-key=e]")).to_be_visible()


def test_working_by_keys_alone(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "First for the keys")
    received(screens, page, "Second for the keys")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.closest('.row')?.id")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.closest('.row')?.id")
    assert first
    assert second
    assert first != second
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.closest('.row')?.id") == first
    page.keyboard.press("Enter")
    expect(page.locator("#reading [data-conversation]")).to_be_visible()
    expect(page.locator("#reading")).to_contain_text("Second for the keys")
    expect(page.locator("#composer")).to_be_visible()
    here = page.locator("#rows > .row--current")
    page.keyboard.press("e")
    expect(page.locator(".toast", has_text="Solved")).to_be_visible()
    expect(here).to_have_count(0)
    page.keyboard.press("z")
    expect(here).to_have_id(first)
    expect(page.locator("#conversation-header [data-key=e]")).to_be_visible()
    page.keyboard.press("e")
    expect(here).to_have_count(0)
    page.keyboard.press("j")
    expect(here).to_have_id(second)
    expect(page.locator("#reading")).to_contain_text("First for the keys")
    page.keyboard.press("r")
    expect(page.locator("#composer-editor")).to_be_focused()
    page.keyboard.type("By keys r n j")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-timeline]")).to_contain_text("By keys r n j")
    page.keyboard.press("n")
    expect(page.locator("#composer")).to_have_attribute("data-mode", "note")
    page.keyboard.press("Escape")
    expect(page.locator("#composer")).to_have_attribute("data-open", "no")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("/")
    expect(page).to_have_url(re.compile("/search"))
    expect(page.locator("main input[name=q]")).to_be_focused()
    assert screens.broken() == []


def test_keys_waited_for_the_texts_of_a_slow_server(screens: Screens) -> None:
    page, held = screens.agent("representative"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/texts/**", hold)
    page.goto("/inbox/all", wait_until="commit")
    page.wait_for_selector('html[data-live="up"]', state="attached")
    page.keyboard.press("?")
    expect(page.locator("dialog[open] [data-keys-switch]")).to_be_visible()
    assert len(held) == 1
    held[0].continue_()
    assert (
        page.evaluate("import('ui/texts').then(({ arrived }) => arrived).then(({ undo }) => undo)") == "Undo"
    )
    assert screens.broken() == []


PRESSED_AT_ONCE = """(focused, [menu, key]) => {
  // The focus leaves what is hidden with the next picture on the screen; the key is there sooner.
  document.getElementById(menu).hidePopover();
  focused.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}"""


def test_a_key_after_escape_fell_into_the_menu_that_was_closed(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "Out of the menu")
    open_row(page, "Out of the menu")
    page.keyboard.press("m")
    item = page.locator("#m-more:popover-open [data-menu-item]").first
    expect(item).to_be_focused()
    item.evaluate(PRESSED_AT_ONCE, ["m-more", "b"])
    expect(page.locator("#subject-dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    filter_ = page.locator("#m-tags:popover-open [data-menu-filter]")
    expect(filter_).to_be_focused()
    filter_.evaluate(PRESSED_AT_ONCE, ["m-tags", "a"])
    expect(page.locator("#m-assign:popover-open")).to_be_visible()
    assert screens.broken() == []


def test_a_fresh_head_forgot_who_stood_on_it_and_that_the_panel_was_away(screens: Screens) -> None:
    page = open_page(screens.agent("team_lead"), "/inbox/all", live=True)
    received(screens, page, "A head that changes")
    open_row(page, "A head that changes")
    toggle = page.locator("[data-toggle-panel][aria-expanded]")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("i")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    page.locator("#m-priority-button").focus()
    page.locator("#conversation-header").evaluate("(head) => { head.dataset.old = 'yes'; }")
    page.evaluate("() => import('workspace/thread').then(({ update }) => update())")
    expect(page.locator("#conversation-header:not([data-old])")).to_be_visible()
    expect(page.locator("#m-priority-button")).to_be_focused()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    page.set_viewport_size({"width": 1200, "height": 800})
    page.keyboard.press("i")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("i")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    assert screens.broken() == []
