"""Taking the customer out of a known system's mail by a pattern. Pure, and linear in the length of the text.

A pattern is text as it stands in the mails, with ``{email}`` or ``{name}`` in place of what to take and ``*``
for anything within a line; each line of it is looked for by itself:

    E-mail: {email}
    Name: {name}
"""

import re
from collections.abc import Iterator

from rapport.channels.email.sentences import sentence
from rapport.inboxes.contract import Address
from rapport.kernel.sentences import Sentence

MOST_TEXT = 50_000
MOST_LINES = 10
_PIECES = {
    # Every repetition is bounded, so that no text makes the search slow.
    "{email}": r"(?P<email>[^\s@<>\"'(),:;\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})",
    "{name}": r"(?P<name>[^\n<>@]{1,100}?)",
    "*": r"[^\n]{0,100}?",
}
_TOKEN = re.compile(r"(\{email\}|\{name\}|\*|[ \t]+)")


def problem(pattern: str) -> Sentence | None:
    """Say what is wrong with a pattern; None where it can be used."""
    lines = [line for line in pattern.splitlines() if line.strip()]
    if not any("{email}" in line for line in lines):
        return sentence("pattern_no_email")
    if len(lines) > MOST_LINES:
        return sentence("pattern_lines", most=MOST_LINES)
    for line in lines:
        if (
            line.count("{email}") + line.count("{name}") > 2
            or line.count("{email}") > 1
            or line.count("{name}") > 1
        ):
            return sentence("pattern_twice", line=line.strip()[:60])
        if line.count("*") > 2:
            return sentence("pattern_stars", line=line.strip()[:60])
    return None


def find_customer(pattern: str, text: str) -> Address | None:
    """Return the customer that the text names, None where it names none or the pattern cannot be used."""
    if not pattern.strip() or problem(pattern):
        return None
    found: dict[str, str] = {}
    for line in _compiled(pattern):
        match = line.search(text[:MOST_TEXT])
        for what, value in (match.groupdict() if match else {}).items():
            found.setdefault(what, value.strip())
    return Address(found["email"], found.get("name", "")) if "email" in found else None


def _compiled(pattern: str) -> Iterator[re.Pattern[str]]:
    for line in pattern.splitlines():
        if line.strip():
            pieces = (_piece(each) for each in _TOKEN.split(line.strip()) if each)
            end = r"[ \t]{0,20}$" if line.rstrip().endswith("{name}") else ""
            yield re.compile("".join(pieces) + end, re.MULTILINE | re.IGNORECASE)


def _piece(words: str) -> str:
    if words.isspace():
        return r"[ \t]{0,20}"
    return _PIECES.get(words) or re.escape(words)
