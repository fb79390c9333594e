"""People at work in a real browser: signing in, reading, answering, two at once, by keys, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Screens, open_page
from tests.e2e.seed import TWO_FACTORS
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
INLINE = re.compile(r"^/files/\d+/")


def received(
    screens: Screens, page: Page, subject: str, text: str = "Hello, where is my parcel?", **more: str
) -> None:
    """A mail comes in, and its row appears on the open screen."""
    screens.stand.receive(
        subject=subject, text=text, sender=more.get("sender", "Ada Byron <ada@customer.example>")
    )
    expect(page.locator("#rows .row", has_text=subject)).to_be_visible()


def open_row(page: Page, subject: str) -> None:
    page.locator("#rows li.row > a", has_text=subject).first.click()
    expect(page.locator("#reading [data-conversation]")).to_be_visible()
    expect(page.locator("#reading")).to_contain_text(subject)
    expect(page.locator("#composer")).to_be_visible()


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


def write(page: Page, mode: str, words: str) -> None:
    page.locator(f'[data-tab="{mode}"]').click()
    page.wait_for_selector("trix-editor[contenteditable]", state="attached")
    editor = page.locator("#composer-editor")
    editor.click()
    page.keyboard.type(words)
    expect(editor).to_contain_text(words)


def attach(page: Page, name: str) -> None:
    page.locator("[data-composer] [data-attach]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": b"left, then right"}
    )


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


def test_keys_pressed_before_the_editor_is_there_are_kept(screens: Screens) -> None:
    page = screens.agent("specialist")
    page.route("**/trix*.js", lambda route: (page.wait_for_timeout(1500), route.continue_()))
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


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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


def send_before_the_file_is_there(page: Page, name: str) -> None:
    page.route("**/files", lambda route: (page.wait_for_timeout(1500), route.continue_()))
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
    page.route("**/files", lambda route: (page.wait_for_timeout(1500), route.continue_()))
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
    page.locator(".completion [role=option]").first.click()
    expect(page.locator("#composer-editor")).to_contain_text("Dear Ada, we open at nine")
    expect(page.locator("#composer-editor strong")).to_have_text("nine")
    page.keyboard.press("Control+Enter")
    answer = page.locator("[data-timeline] article", has_text="we open at")
    expect(answer.locator("strong").first).to_have_text("nine")
    assert screens.broken() == []


def test_the_first_mail_went_to_an_address_that_does_not_exist(screens: Screens) -> None:
    page = open_page(screens.agent("representative"), "/new", live=False)
    page.wait_for_selector("trix-editor[contenteditable]", state="attached")
    page.locator("[name=to]").fill("carla@customer.example")
    page.locator("[name=subject]").fill("Your bicycle is ready")
    page.locator("trix-editor").click()
    page.keyboard.type("You can fetch it.")
    page.locator("form[data-new] [type=submit]").first.click()
    expect(page.locator("[data-timeline]")).to_contain_text("You can fetch it.")
