"""Plain text of HTML mail, with the places where mail programs mark quotations and signatures."""

import re
from dataclasses import dataclass
from typing import Any

TEXT, QUOTE, SIGNATURE = "", "quote", "signature"

_WHITE = frozenset(" \t\r\n\f\u00a0")
_SAID = frozenset({"http", "https", "mailto", "tel"})
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]{2,}|[\t\r\n\f\u00a0]")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_OUTLOOK_LINE = re.compile(
    r"border\s*:\s*none\s*;\s*border-top\s*:\s*solid|border-width\s*:\s*1pt medium medium", re.IGNORECASE
)
_SKIPPED = frozenset(
    {
        "script",
        "style",
        "head",
        "title",
        "template",
        "noframes",
        "noembed",
        "object",
        "svg",
        "math",
        "iframe",
        "select",
    }
)
_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "pre", "dl"}
)
_BLOCKS = _PARAGRAPHS | frozenset(
    [
        "div",
        "li",
        "tr",
        "hr",
        "section",
        "article",
        "header",
        "footer",
        "nav",
        "aside",
        "dt",
        "dd",
        "center",
        "address",
        "form",
        "fieldset",
        "figure",
        "body",
        "html",
        "main",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "details",
        "summary",
    ]
)
_QUOTE_CLASSES = frozenset(
    {
        "gmail_quote",
        "gmail_quote_container",
        "yahoo_quoted",
        "moz-cite-prefix",
        "protonmail_quote",
        "zmail_extra",
        "tutanota_quote",
        "skiff_quote",
        "mail_quote",
        "quotelevel1",
        "fm-quote",
        "moz-forward-container",
        "freebirdformviewerviewitem-quote",
        "wordsection-quote",
        "outlookmessageheader",
        "ntes-mailmaster-quote",
    }
)
_QUOTE_IDS = frozenset(
    {
        "divrplyfwdmsg",
        "appendonsend",
        "olk_src_body_section",
        "mail-editor-reference-message-container",
        "replysplit",
        "x_divrplyfwdmsg",
        "reply-intro",
        "isforwardcontent",
        "isreplycontent",
        "stopspelling",
        "yahoo_quoted",
    }
)
_SIGNATURE_CLASSES = frozenset(
    {
        "gmail_signature",
        "moz-signature",
        "protonmail_signature_block",
        "tutanota_signature",
        "mail-signature",
        "edo-signature",
    }
)
_SIGNATURE_IDS = frozenset(
    {
        "signature",
        "ms-outlook-mobile-signature",
        "x_signature",
        "x_ms-outlook-mobile-signature",
        "applemailsignature",
        "ymail_android_signature",
        "composer_signature",
        "applelinksignature",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and what the HTML says it is: `TEXT`, `QUOTE` or `SIGNATURE`."""

    text: str
    mark: str = TEXT


def text_of(html: str, *, links: bool = False) -> str:
    """Return the visible text of HTML; block quotes of mail programs get `> ` before each line.

    With ``links`` the address of a link stands behind its words, where they do not say it.
    """
    return "\n".join(line.text for line in lines_of(html, links=links)).strip("\n")


def lines_of(html: str, *, links: bool = False) -> list[Line]:
    """Return the visible lines of HTML with their marks; broken HTML is read as browsers do."""
    from lxml import etree

    tree = _tree(html)
    if tree is None:
        return []
    writer = _Writer(links)
    skipped: Any = None
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        if event == "start":
            if skipped is None and _is_hidden(node):
                skipped = node
            if skipped is None:
                writer.enter(node)
        elif skipped is None:
            writer.leave(node)
        if event == "end" and (skipped is None or skipped is node):
            skipped = None
            if node.tail and node is not tree:
                writer.write(node.tail)
    writer.end_line()
    return writer.lines


def words_in(clean: str) -> int:
    """Return about how many words sanitised HTML shows; a third of the work of `text_of`."""
    tree = _tree(clean)
    return 0 if tree is None else len(" ".join(tree.itertext()).split())


def _tree(html: str) -> Any:
    from lxml import etree

    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        return etree.fromstring(html.encode("utf-8", "replace") or b"<p/>", parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _is_hidden(node: Any) -> bool:
    style = node.get("style")
    return node.tag in _SKIPPED or bool(style and _HIDDEN.search(style[:1000]))


def _mark_of(node: Any) -> str:
    classes = (node.get("class") or "").lower().split()
    identifier = (node.get("id") or "").lower()
    if not _QUOTE_CLASSES.isdisjoint(classes) or identifier in _QUOTE_IDS:
        return QUOTE
    if node.get("data-marker") == "__QUOTED_TEXT__":
        return QUOTE
    if not _SIGNATURE_CLASSES.isdisjoint(classes) or identifier in _SIGNATURE_IDS:
        return SIGNATURE
    return SIGNATURE if node.get("data-smartmail") == "gmail_signature" else TEXT


def _is_cited(node: Any) -> bool:
    if node.tag != "blockquote":
        return False
    return (
        (node.get("type") or "").lower() == "cite"
        or "gmail_quote" in (node.get("class") or "")
        or bool(node.get("cite"))
    )


def _address_of(link: Any) -> str:
    address = str(link.get("href") or "").strip()
    scheme, _, bare = address.partition(":")
    said = "".join(link.itertext())
    return address if scheme in _SAID and bare.strip("/") not in said else ""


class _Writer:
    def __init__(self, links: bool) -> None:
        self._links = links
        self.lines: list[Line] = []
        self._words: list[str] = []
        self._depth = 0
        self._pre = 0
        self._marks: list[tuple[Any, str]] = []
        self._rest = TEXT

    def enter(self, node: Any) -> None:
        tag = node.tag
        if tag in _BLOCKS:
            self.end_line()
            if tag in _PARAGRAPHS:
                self._gap()
        mark = _mark_of(node) if node.attrib else TEXT
        if mark and tag != "body":
            self.end_line()
            self._marks.append((node, mark))
            if mark == QUOTE and (node.get("id") or "").lower() in (
                "divrplyfwdmsg",
                "appendonsend",
                "x_divrplyfwdmsg",
            ):
                self._rest = QUOTE
        if tag == "br":
            self.end_line(force=True)
        elif tag == "hr":
            self.lines.append(Line("________________________________", self._mark()))
        elif tag == "li":
            self._words.append("- ")
        elif tag in ("td", "th") and self._words:
            self._words.append("\t")
        elif tag == "pre":
            self._pre += 1
        if _is_cited(node):
            self._depth += 1
        if node.text:
            self.write(node.text)

    def leave(self, node: Any) -> None:
        tag = node.tag
        if tag == "a" and self._links and (address := _address_of(node)):
            self._words.append(f" <{address}>")
        if tag in _BLOCKS:
            self.end_line()
        if _is_cited(node):
            self._depth -= 1
        if tag == "pre":
            self._pre -= 1
        if tag in _PARAGRAPHS:
            self._gap()
        if self._marks and self._marks[-1][0] is node:
            self.end_line()
            self._marks.pop()

    def write(self, text: str) -> None:
        if self._pre:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._words.append(first)
            for line in others:
                self.end_line(force=True)
                self._words.append(line)
            return
        folded = " ".join(text.split()) if text.isascii() else _SPACES.sub(" ", text).strip()
        if not folded:
            folded = " "
        else:
            folded = (" " if text[0] in _WHITE else "") + folded + (" " if text[-1] in _WHITE else "")
        if folded != " " or self._words:
            self._words.append(folded)

    def end_line(self, force: bool = False) -> None:
        if not self._words and not force:
            return
        text = "".join(self._words)
        self._words = []
        text = text.rstrip() if self._pre else _SPACES.sub(" ", text).strip()
        if text or force:
            prefix = "> " * min(self._depth, 20)
            self.lines.append(Line(prefix + text if text else prefix.rstrip(), self._mark()))

    def _gap(self) -> None:
        if self.lines and self.lines[-1].text.strip("> "):
            self.lines.append(Line(("> " * min(self._depth, 20)).rstrip(), self._mark()))

    def _mark(self) -> str:
        return self._marks[-1][1] if self._marks and self._rest != QUOTE else self._rest
