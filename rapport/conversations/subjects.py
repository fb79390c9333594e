"""The subject of a conversation and of what we send in it: one line of bounded length."""

import re

LENGTH = 500
_ANSWERED = re.compile(r"(?:re|aw|antw|sv|vs)\s*(?:\[\d+\])?:", re.IGNORECASE)


def subject_line(text: str) -> str:
    """Return ``text`` as one line of at most ``LENGTH`` characters, white space folded."""
    return " ".join(text.split())[:LENGTH].rstrip()


def reply_subject(subject: str) -> str:
    """Return the subject of an answer: ``Re:`` before it once (RFC 5322, 3.6.5), none for none."""
    subject = subject_line(subject)
    return subject if not subject or _ANSWERED.match(subject) else subject_line(f"Re: {subject}")


def forward_subject(subject: str) -> str:
    """Return the subject of a mail that passes a conversation on."""
    return subject_line(f"Fwd: {subject}")
