"""An independent judge of sanitised HTML: reads it with another parser and names all that could act."""

import html
import re
from html.parser import HTMLParser

ACTIVE = frozenset(
    [
        "script",
        "style",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "form",
        "input",
        "button",
        "textarea",
        "select",
        "option",
        "base",
        "meta",
        "link",
        "svg",
        "math",
        "template",
        "noscript",
        "video",
        "audio",
        "source",
        "track",
        "portal",
        "isindex",
        "keygen",
        "marquee",
        "bgsound",
        "xml",
        "xmp",
        "plaintext",
        "layer",
        "ilayer",
    ]
)
URLS = frozenset(
    {
        "href",
        "src",
        "action",
        "formaction",
        "background",
        "poster",
        "data",
        "srcset",
        "xlink:href",
        "cite",
        "longdesc",
    }
)
SAFE_URL = re.compile(r"(?:https?://|mailto:|tel:|cid:|/(?!/))", re.IGNORECASE)
BAD_STYLE = re.compile(
    r"url\s*\(|expression|javascript|behavior|binding|@import|\\|/\*|</|position", re.IGNORECASE
)


class _Judge(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            written = html.unescape(value or "")
            if name.startswith(("on", "hx-", "data-")) or name in ("id", "name", "srcdoc", "class"):
                self.found.append(f"{tag} {name}")
            elif name in URLS and not SAFE_URL.match(re.sub(r"[\x00-\x20\x7f]", "", written)):
                self.found.append(f"{tag} {name}={written[:60]}")
            elif name == "style" and BAD_STYLE.search(written):
                self.found.append(f"{tag} style={written[:60]}")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("cdata")


def dangers(markup: str) -> list[str]:
    """Everything in the markup that is not inert."""
    judge = _Judge()
    judge.feed(markup)
    judge.close()
    return judge.found
