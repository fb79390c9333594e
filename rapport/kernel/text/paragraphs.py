"""Plain text as HTML paragraphs with clickable addresses, and HTML without the quotes in it."""

import re
from html import escape
from typing import Any

from lxml.etree import LxmlError

from rapport.kernel.text import trees

_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*+\n)++")
_TRAILING = ".,;:!?)]}"
_ELSEWHERE = ' target="_blank" rel="noopener noreferrer nofollow"'
_LONGEST = 2_000_000

# Containers by which mail programs mark what they quote: Gmail, Apple Mail and Thunderbird, Yahoo, Outlook on
# the web, Proton, Zoho. Outlook for Windows marks the beginning only: what follows goes with it.
_QUOTE_CLASSES = (
    "gmail_quote",
    "gmail_extra",
    "moz-cite-prefix",
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "OutlookMessageHeader",
)
_BEGINNINGS = ("divRplyFwdMsg", "appendonsend", "reply-intro", "mail-editor-reference-message-container")


def paragraphs(text: str) -> str:
    """Return plain text as escaped paragraphs; web addresses become links. Empty for empty text."""
    blocks = [block.strip("\n") for block in _BLANK_LINES.split(text.strip("\n"))]
    return "".join(
        f"<p>{'<br>'.join(with_links(line) for line in b.split(chr(10)))}</p>" for b in blocks if b.strip()
    )


def with_links(line: str) -> str:
    """Return plain text as escaped HTML; web addresses in it become links, without what ends the sentence."""
    if "://" not in line:
        return escape(line)
    done, end = [], 0
    for match in _LINK.finditer(line):
        address = match.group().rstrip(_TRAILING)
        done.append(escape(line[end : match.start()]))
        done.append(f'<a href="{escape(address)}"{_ELSEWHERE}>{escape(address)}</a>')
        end = match.start() + len(address)
    done.append(escape(line[end:]))
    return "".join(done)


def without_quotes(html: str) -> str:
    """Return HTML without the containers in which mail programs quote; as it was where it cannot be read."""
    if len(html) > _LONGEST:
        return html
    try:
        root = trees.document(html)
    except (LxmlError, ValueError):
        return html
    for name in _BEGINNINGS:
        for element in root.xpath("//*[@id=$name]", name=name):
            _drop_with_followers(element)
    for name in _QUOTE_CLASSES:
        for element in root.xpath("//*[contains(concat(' ', @class, ' '), $name)]", name=f" {name} "):
            _drop(element)
    for element in root.xpath("//blockquote"):
        _drop(element)
    drop_blank_end(root)
    return trees.written(root)


def drop_blank_end(element: Any) -> None:
    """Drop the empty lines at the end of what stays, which stood before a quote or a signature."""
    while len(element) and element.tag != "table" and not (element[-1].tail or "").strip():
        if _shows(element[-1]):
            element = element[-1]
        else:
            element.remove(element[-1])


def _shows(element: Any) -> bool:
    written = any(text.strip() for text in element.itertext())
    return written or next(element.iter("img", "hr", "table"), None) is not None


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _drop_with_followers(element: Any) -> None:
    if element.getparent() is None:
        return
    for follower in list(element.itersiblings()):
        _drop(follower)
    element.tail = None
    _drop(element)
