"""Web addresses that stand as bare words in sanitised HTML, made links when it is read."""

import re
from collections.abc import Iterator
from html import unescape

from rapport.kernel.text.paragraphs import with_links
from rapport.kernel.text.pieces import Unclosed, pieces

_LINK = re.compile(r"</?a[\s>]")


def linked(html: str) -> str:
    """Return sanitised HTML with its bare web addresses as links; what is a link already stays as it is."""
    if "://" not in html:
        return html
    try:
        return "".join(_linked_pieces(html))
    except Unclosed:
        return html


def _linked_pieces(html: str) -> Iterator[str]:
    within = False
    for piece in pieces(html):
        if _LINK.match(piece):
            within = not piece.startswith("</")
        bare = not within and not piece.startswith("<") and "://" in piece
        yield with_links(unescape(piece)) if bare else piece
