"""HTML mail parted before its signature, where the signature ends it."""

from typing import Any

from lxml.etree import LxmlError, iterwalk

from rapport.kernel.text import trees
from rapport.kernel.text.paragraphs import drop_blank_end

_LONGEST = 2_000_000
_DASHES = frozenset({"--", "- -", "-- -", "—", "__"})
_TEXT, _TAIL = "text", "tail"
_PLACES = {"start": _TEXT, "end": _TAIL}
_Piece = tuple[Any, str]


def part_signature(html: str, signature: str) -> tuple[str, str] | None:
    """Return sanitised HTML before the words of a signature, and the signature as it was formatted.

    None where the last words of the HTML are others, or begin in the middle of a text: then nothing is
    parted. No word is lost: those of both parts are those of the whole. Letters and digits are compared
    alone, because programs write the plain text of their mails with marks of their own.
    """
    wanted = _letters(signature)
    if not wanted or len(html) > _LONGEST:
        return None
    try:
        before, after = trees.fragment(html), trees.fragment(html)
    except (LxmlError, ValueError):
        return None
    begin = _beginning(_pieces(before), wanted)
    if begin is None:
        return None
    _cut_after(before, begin)
    _cut_before(after, begin)
    return _inner(before), _inner(after)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _pieces(root: Any) -> list[_Piece]:
    """The texts of a tree in the order in which they are read, each with the element that holds it."""
    walked = [(element, _PLACES[event]) for event, element in iterwalk(root, events=("start", "end"))]
    return walked[:-1]


def _said(piece: _Piece) -> str:
    element, place = piece
    return getattr(element, place) or ""


def _beginning(pieces: list[_Piece], wanted: str) -> int | None:
    """The place of the first piece of the signature: from there on the tree says its words and no others."""
    left = wanted
    for place in range(len(pieces) - 1, 0, -1):
        letters = _letters(_said(pieces[place]))
        if not letters:
            continue
        if not left.endswith(letters):
            return None
        left = left.removesuffix(letters)
        if not left:
            return _with_dashes(pieces, place)
    return None


def _with_dashes(pieces: list[_Piece], place: int) -> int:
    """The place of the dashes above a signature, which belong to it, or the one given."""
    for earlier in range(place - 1, 0, -1):
        said = _said(pieces[earlier]).strip()
        if said:
            return earlier if said in _DASHES else place
    return place


def _cut_after(root: Any, begin: int) -> None:
    for element, place in _pieces(root)[begin:]:
        setattr(element, place, None)
        if place == _TEXT:
            element.getparent().remove(element)
    drop_blank_end(root)


def _cut_before(root: Any, begin: int) -> None:
    pieces = _pieces(root)
    for element, place in pieces[:begin]:
        setattr(element, place, None)
    for element, place in pieces[: begin + 1]:
        if place == _TAIL:
            element.drop_tree()


def _inner(root: Any) -> str:
    return trees.written(root).removeprefix("<div>").removesuffix("</div>")
