"""HTML as a tree of elements, where the tree holds all of it."""

from typing import Any

import lxml.html

_READER: Any = lxml.html


class Cut(ValueError):
    """The tree would end before the HTML does: libxml2 stops reading where elements nest too deep."""


def document(html: str) -> Any:
    """Return a whole document; raises ``Cut``, or what lxml raises."""
    parser = _READER.HTMLParser()
    return _whole(_READER.document_fromstring(html, parser=parser), parser)


def fragment(html: str) -> Any:
    """Return a piece of a document within a ``div``; raises ``Cut``, or what lxml raises."""
    parser = _READER.HTMLParser()
    return _whole(_READER.fragment_fromstring(html, create_parent="div", parser=parser), parser)


def written(tree: Any) -> str:
    """Return the HTML of a tree."""
    html: str = _READER.tostring(tree, encoding="unicode")
    return html


def _whole(tree: Any, parser: Any) -> Any:
    if len(parser.error_log.filter_from_fatals()):
        raise Cut
    return tree
