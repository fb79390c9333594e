"""The signed token in our Message-IDs and plus addresses that proves which message a mail answers.

The same kind of token, under another key, stands in the plus address of a test mail.

A token is 20 random base32 characters (100 bits), a dot, and 13 characters (65 bits) of HMAC-SHA256.
"""

import hashlib
import hmac
import re
import secrets
from base64 import b32encode

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_RANDOM_LENGTH, _SIGNATURE_LENGTH = 20, 13
_TOKEN = re.compile(r"[a-z2-7]{20}\.[a-z2-7]{13}")
_IN_MESSAGE_ID = re.compile(r"rapport\.([a-z2-7]{20}\.[a-z2-7]{13})@", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"\+r\.([a-z2-7]{20}\.[a-z2-7]{13})@", re.IGNORECASE)
_IN_PROOF_ADDRESS = re.compile(r"\+t\.([a-z2-7]{20}\.[a-z2-7]{13})@", re.IGNORECASE)


def make_token(key: bytes) -> str:
    """Return a new token signed with `key`."""
    value = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LENGTH))
    return f"{value}.{sign(value, key)}"


def sign(value: str, key: bytes) -> str:
    """Return the signature of a token's random part: 13 lower-case base32 characters."""
    seal = hmac.new(key, b"reply-token:" + value.encode("ascii", "replace"), hashlib.sha256).digest()
    return b32encode(seal[:10]).decode("ascii").lower()[:_SIGNATURE_LENGTH]


def verify(token: str, key: bytes) -> bool:
    """Whether the token was signed with `key`; any string may be asked, compared in constant time."""
    if not _TOKEN.fullmatch(token):
        return False
    value, _, signature = token.partition(".")
    return hmac.compare_digest(sign(value, key), signature)


def message_id(token: str, domain: str) -> str:
    """Return the Message-ID of a message, with its angle brackets."""
    return f"<rapport.{token}@{domain}>"


def plus_address(token: str, address: str) -> str:
    """Return `local+r.token@domain` for an inbox address."""
    local, _, domain = address.rpartition("@")
    return f"{local}+r.{token}@{domain}"


def proof_address(token: str, address: str) -> str:
    """Return `local+t.token@domain`, to which a test mail goes."""
    local, _, domain = address.rpartition("@")
    return f"{local}+t.{token}@{domain}"


def in_message_id(text: str) -> str:
    """Return the token inside one of our Message-IDs, in lower case, or an empty string; not verified."""
    found = _IN_MESSAGE_ID.search(text)
    return found[1].lower() if found else ""


def in_address(text: str) -> str:
    """Return the token inside a plus address, in lower case, or an empty string; not verified."""
    found = _IN_ADDRESS.search(text)
    return found[1].lower() if found else ""


def in_proof_address(text: str) -> str:
    """Return the token inside the plus address of a test mail, in lower case; not verified."""
    found = _IN_PROOF_ADDRESS.search(text)
    return found[1].lower() if found else ""
