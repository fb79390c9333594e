"""Browser windows of members of staff, and their first steps there; what went wrong in one fails the test."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route, TimeoutError, expect

from tests.e2e.stand import Stand

expect.set_options(timeout=20_000)
WATCH = """
window.broken = [];
const note = (words) => window.broken.push(words);
document.addEventListener('securitypolicyviolation', (event) => note(
  `CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile} ${event.sample}`));
window.addEventListener('error', (event) => event.message && note(`error ${event.message}`));
window.addEventListener('unhandledrejection', (event) => note(`rejection ${event.reason}`));
"""


class Screens:
    """Opens windows; each agent has their own."""

    def __init__(self, stand: Stand, browser: Browser) -> None:
        self.stand, self.browser = stand, browser
        self.contexts: list[BrowserContext] = []
        self.dialogs: list[str] = []

    def stranger(self, **options: Any) -> Page:
        context = self.browser.new_context(
            base_url=self.stand.url,
            viewport=options.pop("viewport", {"width": 1360, "height": 860}),
            **options,
        )
        context.set_default_timeout(20_000)
        context.add_init_script(WATCH)
        self.contexts.append(context)
        page = context.new_page()
        page.on("dialog", self._dialog)
        # What pytest shows of a test that failed.
        page.on("requestfailed", lambda sent: print("failed:", sent.url, sent.failure))
        page.on("console", lambda said: print("console:", said.text) if said.type == "error" else None)
        page.on("framenavigated", lambda frame: None if frame.parent_frame else print("shows", frame.url))
        return page

    def agent(self, role: str = "representative", **options: Any) -> Page:
        page = self.stranger(**options)
        key = self.stand.company["sessions"][role]
        page.context.add_cookies([{"name": "rapport", "value": key, "url": self.stand.url}])
        return page

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def broken(self) -> list[str]:
        """What the open pages complained about."""
        found = list(self.dialogs)
        for context in self.contexts:
            for page in context.pages:
                found += [f"{page.url} {each}" for each in page.evaluate("window.broken ?? []")]
        return found

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()
        self.dialogs.clear()


def come_back(page: Page, address: str, wanted: str) -> None:
    """Open a page again until ``wanted`` is there: what was saved as one left may come a moment later."""
    for _ in range(20):
        page.goto(address, wait_until="load")
        try:
            page.wait_for_selector(wanted, timeout=1500)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"{address} never showed {wanted}")


SCRIPTS_RAN = """() => Promise.all(
  [...document.querySelectorAll('script[type=module]')].map(({ src }) => import(src).then(() => true))
).then(() => document.querySelector('link[as=fetch]') && import('ui/texts').then(({ arrived }) => arrived))"""
"""Modules wait a moment for the texts of the page's language, and the page is loaded before that."""


def hold_until(page: Page, expression: str) -> None:
    """Wait until an expression is true on the page; Playwright's own waiting breaks our CSP."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true on {page.url}: {expression}")


def open_page(page: Page, address: str, *, live: bool = False) -> Page:
    """Open an address and wait for its scripts; ``live`` also until it hears what happens elsewhere."""
    page.goto(address, wait_until="load")
    page.evaluate(SCRIPTS_RAN)
    if live:
        page.wait_for_selector('html[data-live="up"]', state="attached")
    return page


def slow_down(page: Page, address: str) -> None:
    """Let what the page asks of an address come a moment later."""

    def wait(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route(address, wait)


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


def write(page: Page, mode: str, words: str) -> None:
    page.locator(f'[data-tab="{mode}"]').click()
    page.wait_for_selector("trix-editor[contenteditable]", state="attached")
    editor = page.locator("#composer-editor")
    editor.click()
    page.keyboard.type(words)
    expect(editor).to_contain_text(words)
