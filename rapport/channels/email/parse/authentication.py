"""What a mail server says of a mail's sender: Authentication-Results (RFC 8601), read by their grammar."""

import re
from collections.abc import Iterator

from rapport.channels.email.parse.headers import Headers
from rapport.channels.email.parse.model import AuthenticationResult

_FIELD = "authentication-results"
_MOST_FIELDS = 20
_LONGEST = 8000
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"?|[;=]|\s+|[^\s"();=]+|[()]', re.DOTALL)
_COMMENT_EDGE = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def own_statements(headers: Headers, server: str) -> list[list[AuthenticationResult]]:
    """Return what ``server`` says in the fields at the very top, each with its results; below is anybody's.

    A server puts its own fields above all that came with the mail, so the first of another ends them.
    """
    found: list[list[AuthenticationResult]] = []
    for value in headers.plain_all(_FIELD)[:_MOST_FIELDS] if server else ():
        says, results = _read(value)
        if says != server.lower():
            break
        found.append(results)
    return found


def _read(value: str) -> tuple[str, list[AuthenticationResult]]:
    first, *others = _pieces(value[:_LONGEST])
    server = (first[0] or "") if first else ""
    return server.lower(), [found for piece in others if (found := _result(piece))]


def _result(piece: list[str | None]) -> AuthenticationResult | None:
    """Read ``method/version=result`` and, of the properties behind it, what it is about."""
    equals = piece.index(None) if None in piece else 0
    result = piece[equals + 1] if 0 < equals < len(piece) - 1 else None
    if result is None:
        return None
    method = " ".join(word for word in piece[:equals] if word).partition("/")[0].strip()
    return AuthenticationResult(method.lower(), result.lower(), _domain(piece[equals + 2 :]).lower())


def _domain(properties: list[str | None]) -> str:
    for name, sign, value in zip(properties, properties[1:], properties[2:], strict=False):
        if name and name.lower() == "header.from" and sign is None:
            return value or ""
    return ""


def _pieces(value: str) -> list[list[str | None]]:
    """Part a value at its semicolons into words, with None for each equals sign.

    Comments are left out; what is quoted parts nothing, and belongs to the word that it touches.
    """
    pieces: list[list[str | None]] = [[]]
    word: list[str] = []

    def end(following: list[str | None] | None = None) -> None:
        if word:
            pieces[-1].append("".join(word))
            word.clear()
        pieces[-1].extend(following or [])

    for quoted, token in _tokens(value):
        if quoted or not (token in "=;" or token.isspace()):
            word.append(token)
        else:
            end([None] if token == "=" else [])
            if token == ";":
                pieces.append([])
    end()
    return pieces


def _tokens(value: str) -> Iterator[tuple[bool, str]]:
    """Yield each token and whether it was quoted; a comment, however nested, is a space."""
    place = 0
    while found := _TOKEN.match(value, place):
        place = found.end()
        if found[0] == "(":
            place = _after_comment(value, place)
            yield False, " "
        elif found[1] is not None:
            yield True, _ESCAPED.sub(r"\1", found[1])
        else:
            yield False, found[0]


def _after_comment(value: str, place: int) -> int:
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(value, place)):
        depth += {"(": 1, ")": -1}.get(edge[0], 0)
        place = edge.end()
    return len(value) if depth else place
