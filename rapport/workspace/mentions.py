"""Colleagues who were mentioned in a note, marked in its words."""

import re
from collections.abc import Sequence
from html import escape

from rapport.kernel.text.pieces import Unclosed, pieces
from rapport.staff.models import Agent

_SPACE = "(?: |\u00a0|&nbsp;)"
"""An editor makes a space that would else be lost one that does not break."""


def with_mentions(html: str, mentioned: Sequence[Agent], viewer_id: int | None) -> str:
    """Return the sanitised HTML of a note with every ``@Name`` marked, the viewer's own more strongly."""
    if not mentioned:
        return html
    # Of two names the longer one: “Ada” may be mentioned beside “Ada Byron”.
    people = sorted(mentioned, key=lambda person: len(person.name), reverse=True)
    names = "|".join(f"(@{_SPACE.join(_words(person.name))})" for person in people)
    named = re.compile(rf"(?<![\w/.])(?:{names})")

    def mark(found: re.Match[str]) -> str:
        mine = people[(found.lastindex or 1) - 1].pk == viewer_id
        return f'<span class="mention"{" data-me" if mine else ""}>{found.group()}</span>'

    try:
        return "".join(piece if piece.startswith("<") else named.sub(mark, piece) for piece in pieces(html))
    except Unclosed:
        return html


def _words(name: str) -> list[str]:
    return [re.escape(escape(word, quote=False)) for word in name.split(" ")]
