"""Secrets in links: 256 random bits, of which the database keeps only the hash."""

import hashlib
import secrets

MIN_LENGTH = 40


def make() -> str:
    """Return a new token for an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what the database keeps of ``token``; empty for anything too short to be one."""
    return hashlib.sha256(token.encode()).hexdigest() if len(token) >= MIN_LENGTH else ""
