"""Folding: what the writer wrote now, the mail they answered, and their signature.

Works line by line; every pattern is tried on a bounded piece of text, so time grows linearly. When in doubt a
line stays in the reply: losing a customer's words is the worse fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.kernel.text import marks, signatures
from rapport.kernel.text.extract import QUOTE, SIGNATURE, Line

_MAX_LINES = 4000
_LONG_QUOTE = 60
_OVERFLOW_AFTER = 60


@dataclass(frozen=True, slots=True)
class Parts:
    """The folded text: `reply` stays in view; `quoted` and `signature` are one click away."""

    reply: str
    quoted: str
    signature: str


def split(text: str, sender: str = "") -> Parts:
    """Split plain text; `sender` is the display name, which helps to see an unmarked signature."""
    lines = text.replace("\u00a0", " ").split("\n", _MAX_LINES)
    rest = lines.pop() if len(lines) > _MAX_LINES else ""
    return _split([line.rstrip() for line in lines], None, sender, rest)


def split_html(html: str, text: str = "", sender: str = "") -> Parts:
    """Split the text of HTML, using the containers by which mail programs mark quotations and signatures."""
    from rapport.kernel.text import extract

    lines = extract.lines_of(html)
    return split_lines(lines, sender) if lines else split(text, sender)


def split_lines(lines: Sequence[Line], sender: str = "") -> Parts:
    """Split lines that `extract.lines_of` read from HTML."""
    rest = "\n".join(line.text for line in lines[_MAX_LINES:])
    head = lines[:_MAX_LINES]
    return _split([line.text for line in head], head, sender, rest)


def forwarded_sender(text: str, forwarded: bool) -> str:
    """Return what stands after "From:" in the first forwarded header block, or an empty string.

    `forwarded` says that the subject names a forward; without it only an explicit forward separator counts.
    """
    lines = text.split("\n", _MAX_LINES)[:_MAX_LINES]
    for number, line in enumerate(lines):
        if marks.is_forward_separator(line) or (forwarded and marks.header_block(lines, number)):
            for later in range(number, min(number + 12, len(lines))):
                found = marks.header_label(lines[later])
                if found and found[0] == "from":
                    value = found[1]
                    if "@" not in value and later + 1 < len(lines):
                        value += " " + lines[later + 1].strip("> \t*")
                    return value.replace("<mailto:", " <").replace("[mailto:", " <").replace("]", ">")[:500]
    return ""


def _split(lines: list[str], marked: Sequence[Line] | None, sender: str, rest: str) -> Parts:
    kinds = _kinds(lines, marked)
    _cut(lines, kinds)
    _overflow(lines, kinds)
    signatures.find(lines, kinds, sender)
    _interleaved(kinds)
    _trim(kinds)
    reply, quoted, signature = (_gather(lines, kinds, wanted) for wanted in ("te", "qbc", "s"))
    if rest.strip():
        if _ends_quoted(kinds):
            quoted = f"{quoted}\n{rest}"
        else:
            reply = f"{reply}\n{rest}"
    return Parts(reply, quoted, signature)


def _gather(lines: list[str], kinds: list[str], wanted: str) -> str:
    return _strip("\n".join(line for line, kind in zip(lines, kinds, strict=True) if kind in wanted))


def _strip(text: str) -> str:
    return text.strip("\n").rstrip() if text.strip() else ""


def _ends_quoted(kinds: list[str]) -> bool:
    return next((kind for kind in reversed(kinds) if kind != "e"), "t") in "qcb"


def _kinds(lines: list[str], marked: Sequence[Line] | None) -> list[str]:
    """One letter per line: e empty, q quoted, b introduces a quotation, h starts headers, d cuts, t text."""
    kinds: list[str] = []
    number = 0
    ends = [bool(line) and marks.may_end(line) for line in lines]
    while number < len(lines):
        line = lines[number]
        mark = marked[number].mark if marked is not None else ""
        length, kind = 1, "t"
        if not line.strip():
            kind = "e"
        elif mark == QUOTE:
            kind = "Q"
        elif mark == SIGNATURE:
            kind = "s"
        elif marks.is_quoted(line):
            kind = "q"
        elif marks.is_separator(line):
            kind = "d"
        else:
            length = marks.introduction(lines, number) if True in ends[number : number + 4] else 0
            if length:
                kind = "b"
            elif marks.header_block(lines, number):
                length, kind = 1, "h"
            else:
                length = 1
        kinds += [kind] * length
        number += length
    return kinds


def _next(kinds: list[str], start: int) -> str:
    return next((kind for kind in kinds[start:] if kind != "e"), "")


def _has_text(kinds: list[str], end: int) -> bool:
    return "t" in kinds[:end]


def _cut(lines: list[str], kinds: list[str]) -> None:
    """Mark everything after an unquoted original as quoted; marks in the HTML decide before words do."""
    number = 0
    while number < len(kinds):
        kind = kinds[number]
        if kind == "b":
            end = number
            while end < len(kinds) and kinds[end] == "b":
                end += 1
            follower = _next(kinds, end)
            if follower not in ("q", "Q", "") and _has_text(kinds, number):
                _quote_rest(lines, kinds, number)
                return
            number = end
            continue
        if kind in "dh":
            _quote_rest(lines, kinds, number)
            return
        number += 1
    for place, kind in enumerate(kinds):
        if kind == "Q":
            kinds[place] = "q"


def _quote_rest(lines: list[str], kinds: list[str], start: int) -> None:
    first = start
    while first > 0 and (
        kinds[first - 1] == "e" or (kinds[first - 1] == "t" and marks.is_rule(lines[first - 1]))
    ):
        first -= 1
    for place in range(len(kinds)):
        if place >= start or (place >= first and kinds[place] == "t"):
            kinds[place] = "e" if kinds[place] == "e" else "c"
        elif kinds[place] == "Q":
            kinds[place] = "q"


def _overflow(lines: list[str], kinds: list[str]) -> None:
    """A long quoted line that was broken without a new mark: its rest belongs to the quotation."""
    for place in range(1, len(kinds)):
        if kinds[place] == "t" and kinds[place - 1] == "q" and len(lines[place - 1]) >= _OVERFLOW_AFTER:
            first = lines[place].lstrip()[:1]
            nearly = place + 1 >= len(kinds) or kinds[place + 1] in "qe"
            if nearly and len(lines[place]) < 40 and (first.islower() or first in "<>[("):
                kinds[place] = "q"


def _interleaved(kinds: list[str]) -> None:
    """Quoted lines between two pieces of the reply give it sense and stay, unless long or at the top."""
    first = next((place for place, kind in enumerate(kinds) if kind == "t"), -1)
    last = max((place for place, kind in enumerate(kinds) if kind == "t"), default=-1)
    introduced = "b" in kinds[: max(first, 0)]
    place = 0 if not introduced else first
    while 0 <= place < last:
        if kinds[place] != "q":
            place += 1
            continue
        end = place
        while end <= last and kinds[end] in "qe":
            end += 1
        if sum(1 for kind in kinds[place:end] if kind == "q") <= _LONG_QUOTE and kinds[end] == "t":
            for inside in range(place, end):
                kinds[inside] = "t" if kinds[inside] == "q" else kinds[inside]
        place = end


def _trim(kinds: list[str]) -> None:
    """Nothing of the reply is left but rules and blanks: then it is empty."""
    if "t" not in kinds:
        for place, kind in enumerate(kinds):
            if kind == "e":
                kinds[place] = "q"
