"""Reasons to think that a mail belongs to a conversation. Pure; of all hints only tokens prove anything."""

import re

from rapport.channels.email import reply_token
from rapport.channels.email.parse import ParsedMail
from rapport.inboxes.contract import Hint

_NUMBER = re.compile(r"[\[(]?#\s?(\d{1,12})\b|\[[^\[\]\n]{0,40}?(\d{3,12})\]")
_MAX_HINTS = 100


def hints(parsed: ParsedMail, key: bytes | None = None) -> list[Hint]:
    """Return the hints of a mail, strongest first: `token`, `foreign_id`, `number`.

    With `key` a token counts only when its signature is right; one with a wrong signature is no hint at all.
    Without a key (explaining a mail on an installation without secrets) tokens are given unverified.
    """
    found: list[Hint] = []
    identifiers = [*parsed.reply_ids, *reversed(parsed.references)]
    for token in _tokens(parsed, identifiers):
        if key is None or reply_token.verify(token, key):
            _add(found, Hint(kind="token", value=token))
    for identifier in identifiers[:_MAX_HINTS]:
        if not reply_token.in_message_id(identifier):
            _add(found, Hint(kind="foreign_id", value=identifier))
    for match in _NUMBER.finditer(parsed.subject[:500]):
        _add(found, Hint(kind="number", value=match[1] or match[2]))
    return found[:_MAX_HINTS]


def _tokens(parsed: ParsedMail, identifiers: list[str]) -> list[str]:
    tokens = [reply_token.in_message_id(identifier + "@") for identifier in identifiers]
    tokens += [reply_token.in_address(address) for address in written_to(parsed)]
    return [token for token in tokens if token]


def written_to(parsed: ParsedMail) -> list[str]:
    """Return every address that a mail says it was written or delivered to, without names."""
    written = [address.email for address in parsed.recipients]
    for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to"):
        written += parsed.headers.plain_all(name)[:5]
    return written


def _add(found: list[Hint], hint: Hint) -> None:
    if hint not in found:
        found.append(hint)
