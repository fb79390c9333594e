"""Sanitised HTML taken apart into tags and the text between them."""

import re
from collections.abc import Iterator

# The sanitiser writes every attribute in double quotes; where a signature was parted off, one that holds such
# quotes stands in single ones. Angle brackets may stand within both.
_TO_END_OF_TAG = re.compile(r"""[^"'>]*+(?:(?:"[^"]*+"|'[^']*+')[^"'>]*+)*+>""")


class Unclosed(Exception):
    """A tag has no end: no sanitiser wrote this."""


def pieces(html: str) -> Iterator[str]:
    """Yield tags and the text between them, which together are ``html``; raises ``Unclosed``."""
    place = 0
    while place < len(html):
        tag = html.find("<", place)
        if tag != place:
            yield html[place : tag if tag > 0 else len(html)]
        if tag < 0:
            return
        end = _TO_END_OF_TAG.match(html, tag)
        if end is None:
            raise Unclosed
        yield end.group()
        place = end.end()
