"""The quoted history under an answer. Only public words, and only words its readers have already."""

from collections.abc import Sequence
from html import escape

from rapport.conversations.models import Message
from rapport.inboxes.contract import Address


def quoted_history(last: Message, readers: Sequence[Address]) -> str:
    """Return the message answered as a quote, or nothing where one reader has not had it.

    Somebody newly put in copy must not learn from the quote what was written before they took part.
    """
    had_it = {last.sender_address.lower()} | {
        row["address"].lower() for row in (*last.to, *last.cc) if isinstance(row, dict)
    }
    if any(reader.value.lower() not in had_it for reader in readers):
        return ""
    when = last.created_at.strftime("%Y-%m-%d %H:%M UTC")
    who = escape(last.sender_name or last.sender_address)
    return f"<p>{when} · {who}:</p><blockquote>{last.html}</blockquote>"
