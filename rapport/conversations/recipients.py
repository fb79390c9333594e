"""Who an answer goes to. Pure work on addresses, apart from reading our own."""

import re
from collections.abc import Iterable, Sequence

from rapport.inboxes.addresses import is_one_of
from rapport.inboxes.contract import Address

# RFC 5321 4.1.2 in the subset that mail systems accept in practice; no control characters, so no header
# can be injected through an address.
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,255}")
_NO_REPLY = re.compile(
    r"(?:.*[._+\-])?(?:no[._\-]?rep(?:ly|lies)|do[._\-]?not[._\-]?(?:reply|respond)|"
    r"dont[._\-]?reply|not?[._\-]?reply|noresponse"
    r"|no[._\-]?response|nicht[._\-]?antworten|keine[._\-]?antwort|ne[._\-]?pas[._\-]?repondre|"
    r"nepasrepondre|no[._\-]?responder"
    r"|no[._\-]?contestar|nao[._\-]?respond[ae]r?|non[._\-]?rispondere|niet[._\-]?beantwoorden|"
    r"geen[._\-]?antwoord"
    r"|mailer[._\-]?daemon)(?:[._+=\-].*)?",
    re.IGNORECASE,
)
_UNATTENDED = re.compile(
    r"(?:.*[._+\-])?(?:postmaster|bounces?|unattended|auto[._\-]?mailer)(?:[._+=\-].*)?", re.IGNORECASE
)


class BadAddress(ValueError):
    """Some text is not an address that mail can be sent to."""


def is_no_reply(address: str) -> bool:
    """Tell whether the address says of itself that nobody reads it."""
    return bool(_NO_REPLY.fullmatch(address.partition("@")[0][:100]))


def is_unattended(address: str) -> bool:
    """Tell whether rather a machine than a person writes from the address, though a person may read it."""
    return is_no_reply(address) or bool(_UNATTENDED.fullmatch(address.partition("@")[0][:100]))


def parse_addresses(texts: Iterable[str]) -> tuple[Address, ...]:
    """Read addresses as people type them: ``a@b.c`` or ``Name <a@b.c>``, each text one address.

    Raises:
        BadAddress: one of them is none; the message holds it.

    """
    found: dict[str, Address] = {}
    for typed in texts:
        text = typed.strip().strip(",;")
        if not text:
            continue
        name, value = "", text
        if text.endswith(">") and "<" in text:
            name, _, value = text[:-1].rpartition("<")
        value = value.strip()
        if not _ADDRESS.fullmatch(value):
            raise BadAddress(text)
        found.setdefault(value.lower(), Address(value=value, name=clean_name(name)))
    return tuple(found.values())


def clean_name(name: str) -> str:
    """Return a display name without quotes and control characters."""
    return " ".join("".join(c for c in name if c.isprintable() or c == " ").split()).strip("\"' ")[:200]


def stored(addresses: Sequence[Address]) -> list[dict[str, str]]:
    """Return addresses as a message row keeps them."""
    return [{"address": a.value, "name": a.name} for a in addresses]


def loaded(rows: Iterable[dict[str, str]]) -> tuple[Address, ...]:
    """Return addresses from what a message row keeps."""
    return tuple(Address(value=row["address"], name=row.get("name", "")) for row in rows)


def reply_all(
    *,
    customer: Address,
    to: Sequence[Address],
    cc: Sequence[Address],
    own: frozenset[str],
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return (to, cc) of an answer to everyone visible on a message, minus our own addresses.

    ``own`` holds our addresses in lower case; their plus addresses carry a token that is nobody else's
    business. Addresses that nobody reads are left out, and a customer without an address.
    """
    unreachable = not customer.value or is_one_of(customer.value, own) or is_no_reply(customer.value)
    first = () if unreachable else (customer,)
    seen = {customer.value.lower()}
    others = []
    for address in (*to, *cc):
        key = address.value.lower()
        if key in seen or is_one_of(key, own):
            continue
        if not is_no_reply(address.value) and _ADDRESS.fullmatch(address.value):
            seen.add(key)
            others.append(address)
    return first, tuple(others)
