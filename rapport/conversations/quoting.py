"""The quoted history under an answer: only words its readers have already."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from django.utils import timezone

from rapport.conversations.models import Message, SideMessage
from rapport.inboxes.contract import Address

# In words that the sanitiser wrote: attributes stand in double quotes.
_PICTURE = re.compile(r'<img\b(?:[^<>"]|"[^"]*")*?\ssrc="cid:[^"]*"(?:[^<>"]++|"[^"]*+")*+>')
_ALT = re.compile(r'\salt="([^"]+)"')


def quoted_history(last: Message | SideMessage, readers: Sequence[Address]) -> str:
    """Return the message answered as a quote, or nothing where it is erased or one reader has not had it.

    Somebody newly put in copy must not learn from the quote what was written before they took part.
    """
    if isinstance(last, Message) and last.redacted:
        return ""
    if not had_it(last, (reader.value for reader in readers)):
        return ""
    when = moment(last.created_at)
    who = escape(last.sender_name or last.sender_address)
    return f"<p>{when} · {who}:</p><blockquote>{_without_parts(last.html)}</blockquote>"


def had_it(words: Message | SideMessage, addresses: Iterable[str]) -> bool:
    """Tell whether all of these addresses wrote the words or were seen to get them."""
    known = {words.sender_address.lower()} | {
        row["address"].lower() for row in (*words.to, *words.cc) if isinstance(row, dict)
    }
    return all(address.lower() in known for address in addresses)


def moment(at: datetime) -> str:
    """Return a time as a quote names it, in the time zone of the agent who writes."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M %Z")


def _without_parts(html: str) -> str:
    """Name the pictures that were parts of the mail: the answer does not carry them again."""
    return _PICTURE.sub(lambda found: f"[{alt[1]}]" if (alt := _ALT.search(found[0])) else "", html)
