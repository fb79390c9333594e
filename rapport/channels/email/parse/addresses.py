"""Address lists as real mailers write them: groups, missing brackets, commas in names, encoded quotes."""

import re

from rapport.channels.email.parse.headers import decode_words
from rapport.channels.email.parse.model import Address

_TOKEN = re.compile(
    r'"(?P<quoted>[^"\\]*(?:\\.[^"\\]*){0,20})"|<(?P<route>[^<>]*)>|\((?P<comment>[^()]*)\)|'
    r"(?P<word>=\?[^?\s]*\?[bBqQ]\?[^?]*\?=)"
    r'|(?P<end>[,;])|(?P<group>:)|(?P<other>[^"<>(),;:=]+|.)',
    re.DOTALL,
)
_EMAIL = re.compile(
    r"(?<![^\s@<>\"',;:()\[\]\\])[^\s@<>\"',;:()\[\]\\]{1,200}"
    r"@(?:\[[0-9a-fA-F.:]{2,60}\]|[^\s@<>\"',;:()\[\]\\]{1,255})"
)
_MOST_NAME_PIECES = 20
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPACE = re.compile(r"\s+")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def addresses(value: str, limit: int = 100_000) -> list[Address]:
    """Return the mailboxes of a header value (unfolded, encoded words not yet decoded), at most `limit`."""
    found: list[Address] = []
    words: list[str] = []
    comment, route = "", ""
    for token in _TOKEN.finditer(value):
        kind, text = token.lastgroup, token[token.lastgroup or 0]
        if kind == "end":
            if (
                text == ","
                and not route
                and 0 < len(words) <= _MOST_NAME_PIECES
                and not _EMAIL.search("".join(words))
                and _is_last_name(value, token)
            ):
                words.append(", ")
                continue
            _take(found, words, route, comment)
            words, comment, route = [], "", ""
            if len(found) >= limit:
                return found
        elif kind == "group":
            words = words if route or any("@" in word for word in words) else []
        elif kind == "route":
            if route and "@" in route:
                _take(found, words, route, comment)
                words, comment = [], ""
            route = text
        elif kind == "comment":
            comment = comment or text
        elif kind == "quoted":
            words.append(_ESCAPED.sub(r"\1", text))
        else:
            words.append(text)
    _take(found, words, route, comment)
    return found


def _is_last_name(value: str, comma: re.Match[str]) -> bool:
    rest = value[comma.end() : comma.end() + 120]
    bracket, other = rest.find("<"), re.search(r"[,;@:\"]", rest)
    return bracket > 0 and (other is None or bracket < other.start())


def _take(found: list[Address], words: list[str], route: str, comment: str) -> None:
    text = "".join(words)
    email = _email_of(decode_words(route)) if route else ""
    name = text
    if not email:
        plain = decode_words(text)
        inside = _EMAIL.search(plain)
        if inside:
            email = inside[0].rstrip(".")
            name = (plain[: inside.start()] + " " + plain[inside.end() :]) if route == "" else plain
            name = comment if not name.strip(" \"'<>[](),") else name
        elif not route and not (text.strip() and comment):
            return
        else:
            email = _SPACE.sub("", decode_words(route or text))[:320]
            name = text if route else comment
    clean_email = _UNSAFE.sub("", email)
    if clean_email:
        found.append(Address(display_name(name or comment), clean_email))


def _email_of(route: str) -> str:
    text = route.strip()
    if text.startswith("@") and ":" in text:
        text = text.partition(":")[2]
    text = text.removeprefix("mailto:").removeprefix("MAILTO:")
    found = _EMAIL.search(text)
    if found:
        return found[0].rstrip(".")
    return _SPACE.sub("", text)[:320] if "@" in text else ""


def display_name(text: str) -> str:
    """Return a display name decoded, on one line, without quotes around it and without direction tricks."""
    name = _UNSAFE.sub("", _SPACE.sub(" ", decode_words(text))).strip(" ")
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    return name[:300]
