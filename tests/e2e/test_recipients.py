"""Whom an answer goes to: nobody is dropped on the way."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, come_back, open_page, open_row, received, write

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


def test_a_forward_and_an_answer_keep_their_own_people(screens: Screens) -> None:
    subject = "A bent frame"
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    received(screens, page, subject)
    open_row(page, subject)
    people = page.locator("[data-recipients=to] .chip")
    page.keyboard.press("f")
    expect(page.locator("[data-recipients=to] .recipients__entry")).to_be_focused()
    expect(people).to_have_count(0)
    page.keyboard.type("supplier@parts.example,")
    expect(people).to_contain_text("supplier@parts.example")
    page.locator('[data-tab="reply"]').click()
    expect(people).to_contain_text("Ada Byron")
    page.locator('[data-tab="forward"]').click()
    expect(people).to_contain_text("supplier@parts.example")


def test_a_kept_forward_left_the_reply_without_an_address(screens: Screens) -> None:
    page = open_page(screens.agent("specialist"), "/inbox/all", live=True)
    subject = "Kept beside the answer"
    received(screens, page, subject)
    open_row(page, subject)
    people = page.locator("[data-recipients=to] .chip")
    write(page, "forward", "Who knows this part?")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft saved")
    page.reload()
    expect(page.locator('#counts [aria-current="page"]')).to_have_attribute("data-view", "all")
    expect(page.locator("#composer-editor")).to_contain_text("Who knows this part?")
    expect(people).to_have_count(0)
    page.locator('[data-tab="reply"]').click()
    expect(people).to_contain_text("Ada Byron")
    assert screens.broken() == []


def test_an_open_answer_went_to_somebody_the_customer_had_left_out_since(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/inbox/all", live=True)
    subject = "Both of us, and then not"
    copied = {"Cc": "Bob <bob@firm.example>", "Message_ID": "<both@customer.example>"}
    screens.stand.receive(subject=subject, **copied)
    open_row(page, subject)
    page.keyboard.press("r")
    copies = page.locator("[data-recipients=cc] .chip")
    expect(copies).to_contain_text("Bob")
    screens.stand.receive(subject=subject, text="Do not tell Bob", In_Reply_To="<both@customer.example>")
    expect(page.locator("[data-timeline]")).to_contain_text("Do not tell Bob")
    expect(copies).to_have_count(0)
    expect(page.locator("[data-recipients=to] .chip")).to_contain_text("Ada Byron")
    write(page, "reply", "I will not")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-timeline]")).to_contain_text("I will not")
    assert screens.broken() == []


def test_people_added_by_hand_stay_and_the_answer_stops_where_the_customer_wrote(screens: Screens) -> None:
    page = open_page(screens.agent("specialist"), "/inbox/all", live=True)
    subject = "Carl should know"
    screens.stand.receive(subject=subject, Message_ID="<carl@customer.example>")
    open_row(page, subject)
    write(page, "reply", "Half")
    page.locator("[data-show-recipients=cc]").click()
    page.keyboard.type("carl@firm.example,")
    screens.stand.receive(subject=subject, text="Not to Carl", In_Reply_To="<carl@customer.example>")
    expect(page.locator("[data-timeline]")).to_contain_text("Not to Carl")
    page.locator('[data-tab="forward"]').click()
    page.locator('[data-tab="reply"]').click()
    expect(page.locator("[data-recipients=cc] .chip")).to_contain_text("carl@firm.example")
    page.locator("#composer-editor").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#composer .notice")).to_contain_text("Nothing was sent")
    page.get_by_role("button", name="I have read it, send anyway").click()
    expect(page.locator("[data-timeline]")).to_contain_text("Half")


def test_the_first_mail_went_to_an_address_that_does_not_exist(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/new", live=False)
    page.wait_for_selector("trix-editor[contenteditable]", state="attached")
    page.locator("[name=to]").fill("carla@customer.example")
    page.locator("[name=subject]").fill("Your bicycle is ready")
    page.locator("trix-editor").click()
    page.keyboard.type("You can fetch it.")
    page.locator("form[data-new] [type=submit]").first.click()
    expect(page.locator("[data-timeline]")).to_contain_text("You can fetch it.")
