"""People at work in a real browser: signing in, two at once, searching, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page, open_row, received, write
from tests.e2e.seed import TWO_FACTORS
from tests.world import PASSWORD

pytestmark = pytest.mark.browser


def test_signing_in_with_a_password_and_a_second_factor(screens: Screens) -> None:
    page = open_page(screens.stranger(), "/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.fill("input[name=login]", TWO_FACTORS)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    page.fill("input[name=code]", "000000")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=code]")).to_be_visible()
    page.fill("input[name=code]", screens.stand.code())
    page.keyboard.press("Enter")
    expect(page.locator("[data-desk]")).to_be_visible()
    assert screens.broken() == []


def test_two_agents_answer_one_customer(screens: Screens) -> None:
    subject = "A parcel for two agents"
    robin = open_page(screens.agent("representative"), "/inbox/all", live=True)
    mara = open_page(screens.agent("specialist"), "/inbox/all", live=True)
    for page in (robin, mara):
        page.evaluate("window.same = true")
    received(screens, robin, subject)
    expect(mara.locator("#rows .row", has_text=subject)).to_be_visible()
    open_row(robin, subject)
    open_row(mara, subject)
    expect(robin.locator("[data-viewers] .viewer")).to_be_visible()
    write(mara, "reply", "Dear Ada, I look into it")
    expect(robin.locator('[data-viewers] .viewer[data-state="typing"]')).to_be_visible()
    write(robin, "note", "The carrier has it")
    robin.keyboard.press("Control+Enter")
    expect(mara.locator("[data-timeline]")).to_contain_text("The carrier has it")
    write(robin, "reply", "It arrives tomorrow")
    robin.keyboard.press("Control+Enter")
    expect(mara.locator("[data-timeline]")).to_contain_text("It arrives tomorrow")
    mara.locator("#composer-editor").click()
    mara.keyboard.press("Control+Enter")
    expect(mara.locator("#composer [role=alert]")).to_be_visible()
    expect(mara.locator("#composer-editor")).to_contain_text("Dear Ada, I look into it")
    expect(mara.locator("[data-undo-form]")).to_have_count(0)
    robin.locator("[data-undo-form] button").click()
    expect(robin.locator("#composer-editor")).to_contain_text("It arrives tomorrow")
    expect(robin.locator("#composer-editor")).to_be_focused()
    robin.keyboard.type("!")
    expect(robin.locator("#composer-editor")).to_contain_text("It arrives tomorrow!")
    expect(mara.locator("[data-timeline]")).not_to_contain_text("It arrives tomorrow")
    assert screens.stand.sent(f"Re: {subject}") == []
    robin.keyboard.press("Control+Enter")
    expect(robin.locator("[data-timeline]")).to_contain_text("It arrives tomorrow")
    expect(mara.locator('[data-viewers] .viewer[data-state="viewing"]')).to_be_visible(timeout=10_000)
    content = screens.stand.wait_for_sent(f"Re: {subject}")
    assert b"It arrives tomorrow" in content
    assert b"The carrier has it" not in content
    expect(robin.locator('[data-timeline] .delivery[data-state="sent"]')).to_be_visible(timeout=30_000)
    for page in (robin, mara):
        assert page.evaluate("window.same"), "nothing may have been reloaded"
    assert screens.broken() == []


def test_searching(screens: Screens) -> None:
    page = open_page(screens.agent(), "/inbox/all", live=True)
    received(screens, page, "A xylophone to return", text="It sounds like a marimba")
    for _ in range(20):
        page.goto("/search?q=marimba", wait_until="load")
        if page.locator('a[href^="/conversations/"]', has_text="xylophone").count():
            break
        page.wait_for_timeout(300)
    page.locator('a[href^="/conversations/"]', has_text="xylophone").first.click()
    expect(page.locator("#reading")).to_contain_text("It sounds like a marimba")
    open_page(page, "/search?q=is:nonsense")
    expect(page.locator("main")).to_contain_text("nonsense")
    assert screens.broken() == []


def found(screens: Screens, page: Page, words: str, count: int) -> list[str]:
    """Search for words until the index has so many conversations of them; returns their subjects as shown."""
    for number in range(count):
        received(screens, page, f"Hit {number}", text=words)
    for _ in range(20):
        open_page(page, f"/search?q={words}")
        if page.locator(".hit").count() == count:
            break
        page.wait_for_timeout(300)
    expect(page.locator(".hit")).to_have_count(count)
    return page.locator(".hit__subject").all_inner_texts()


def test_a_hit_opened_beside_another_list_and_the_way_back_lost_it(screens: Screens) -> None:
    page = open_page(screens.agent(), "/inbox/all", live=True)
    shown = found(screens, page, "theremin", 3)
    hits, subject = page.locator(".hit"), page.locator("#reading .conversation__subject")
    expect(page.locator(".hits-head")).to_contain_text("3 conversations")
    page.locator("[data-search]").focus()
    page.keyboard.press("ArrowDown")
    expect(hits.nth(0)).to_be_focused()
    for key in "jjk":
        page.keyboard.press(key)
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(subject).to_contain_text(shown[1])
    expect(page.locator("#rows > .row")).to_contain_text(shown)
    expect(page.locator("#rows > .row--current")).to_contain_text(shown[1])
    page.evaluate("window.same = true")
    page.locator("#rows > .row--current > a").focus()
    page.keyboard.press("j")
    expect(subject).to_contain_text(shown[2])
    assert page.evaluate("window.same")
    page.go_back()
    expect(subject).to_contain_text(shown[1])
    page.go_back()
    expect(page).to_have_url(re.compile(r"/search\?q=theremin$"))
    expect(hits.nth(1)).to_be_focused()
    assert screens.broken() == []


def test_what_can_be_searched_for_had_to_be_typed(screens: Screens) -> None:
    page = open_page(screens.agent(), "/search")
    field = page.locator("main [data-search]")
    field.fill("parcel ")
    page.locator("[data-put^='from:']").click()
    expect(field).to_be_focused()
    page.keyboard.type("ada")
    page.locator("[data-put='is:open']").click()
    expect(field).to_have_value("parcel from:ada is:open")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("from%3Aada"))
    assert screens.broken() == []


def test_on_a_phone_one_pane_at_a_time(screens: Screens) -> None:
    wide = open_page(screens.agent(), "/inbox/all", live=True)
    received(screens, wide, "From a phone " + "verylongwordwithoutspaces" * 4)
    page = open_page(
        screens.agent(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True), "/inbox/all"
    )
    assert fits(page)
    page.locator("#rows li.row > a").first.tap()
    expect(page.locator("#reading [data-conversation]")).to_be_visible()
    expect(page.locator("#list")).not_to_be_visible()
    assert fits(page)
    page.locator("[data-back-to-list]").tap()
    expect(page.locator("#list")).to_be_visible()
    for address in ("/search?q=parcel", "/new", "/profile"):
        assert fits(open_page(page, address)), address
    assert screens.broken() == []


def test_on_a_phone_new_mail_was_read_behind_the_list(screens: Screens) -> None:
    subject, first = "Read by nobody", "<nobody@customer.example>"
    mara = open_page(screens.agent("specialist"), "/inbox/all", live=True)
    phone = open_page(screens.agent(viewport={"width": 390, "height": 800}), "/inbox/all", live=True)
    screens.stand.receive(subject=subject, Message_ID=first)
    open_row(mara, subject)
    row = phone.locator("#rows .row", has_text=subject)
    with phone.expect_response(re.compile("/read$")):
        open_row(phone, subject)
    here = phone.evaluate("location.pathname")
    reads: list[str] = []
    phone.on("request", lambda sent: reads.append(sent.url) if sent.url.endswith("/read") else None)
    expect(mara.locator("[data-viewers] .viewer")).to_have_count(1)
    phone.locator("[data-back-to-list]").click()
    screens.stand.receive(subject=subject, text="Seen by Mara alone", In_Reply_To=first)
    expect(row).to_contain_text("Seen by Mara alone")
    phone.wait_for_timeout(1000)
    assert reads == []
    expect(row).to_have_class(re.compile("row--unread"))
    expect(row.locator("a")).to_be_focused()
    expect(phone).to_have_title(re.compile("^All"))
    expect(mara.locator("[data-viewers] .viewer")).to_have_count(0)
    with phone.expect_request(re.compile("/read$")):
        open_page(phone, here, live=True)
    reads.clear()
    phone.locator("[data-back-to-list]").click()
    expect(phone).to_have_url(re.compile("/inbox/all$"))
    expect(phone).to_have_title(re.compile("^All"))
    screens.stand.receive(subject=subject, text="And once more", In_Reply_To=first)
    expect(row).to_have_class(re.compile("row--unread"))
    phone.wait_for_timeout(1000)
    assert reads == []
    assert screens.broken() == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
