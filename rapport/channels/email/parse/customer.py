"""Who a mail is really from, and by which rule."""

import re
from collections.abc import Collection, Sequence

from rapport.channels.email.parse.addresses import addresses
from rapport.channels.email.parse.headers import Headers
from rapport.channels.email.parse.model import Address
from rapport.inboxes.addresses import is_one_of
from rapport.kernel.text import quotes

NOBODY = "no sender"
REPLY_TO, ORIGINAL_SENDER, FROM, SENDER = "Reply-To", "X-Original-Sender", "From", "Sender"
_FORWARD = re.compile(
    r"\s*(?:(?:re|aw|sv|antw)\s*(?::\s*)?|:\s*)?(?:fwd?|wg|tr|rv|i|enc|vs|vb|doorst|pd|fs|ynt|ilt|转发|轉寄|転送)\s*[:：]",
    re.I,
)


def decide(
    headers: Headers, sent_by: Address, reply_to: Sequence[Address], own: Collection[str] = ()
) -> tuple[Address, str]:
    """Return the customer and the header that decided.

    Reply-To wins, unless it is one of our `own` addresses or the posting address of a mailing list; then the
    original sender that a group (Google Groups) names; then From; then Sender. Whether it was a group that
    named one is for `named_by_group` to say, which intake asks.
    """
    list_post = {
        found.email.lower() for name in ("list-post", "list-id") for found in _listed(headers.get(name))
    }
    for answer in reply_to:
        address = answer.email.lower()
        if "@" in address and not is_one_of(address, own) and address not in list_post:
            name = answer.name or (sent_by.name if sent_by.email.lower() == address else "")
            return Address(name, answer.email), REPLY_TO
    for header in ("x-original-sender", "x-original-from"):
        for found in addresses(headers.plain(header), 1):
            if "@" in found.email and not is_one_of(found.email, own):
                return Address(found.name or _without_via(sent_by.name), found.email), ORIGINAL_SENDER
    if sent_by.email:
        return sent_by, FROM
    for found in addresses(headers.plain("sender"), 1):
        return found, SENDER
    return Address("", ""), NOBODY


def named_by_group(headers: Headers, sent_by: Address, own: Collection[str]) -> bool:
    """Tell whether From holds a list's own address, as where Google Groups names the original sender.

    Anybody can write X-Original-Sender; without this a stranger's mail would stand as the victim's.
    """
    address, name = sent_by.email.lower(), headers.get("list-id").lower()
    return bool(name and address) and (address in own or address.replace("@", ".") in name)


def through_own_group(headers: Headers, sent_by: Address, own: Collection[str]) -> bool:
    """Tell whether it came through a group whose address is one of our `own`: it rewrites From to itself."""
    return bool(headers.get("list-id")) and is_one_of(sent_by.email, own)


def _listed(value: str) -> list[Address]:
    return addresses(value.replace("mailto:", ""), 5) if "@" in value else []


def _without_via(name: str) -> str:
    return re.split(r"(?i)\s+(?:via|durch|através de|par|tramite|przez)\s+", name.strip("'\""))[0].strip(
        "'\" "
    )


def forwarded_from(subject: str, text: str) -> Address | None:
    """Return the sender of the mail that this one forwards, when its text says so; only an offer."""
    forwarded = quotes.forwarded_sender(text, bool(_FORWARD.match(subject[:300])))
    if not forwarded:
        return None
    found = [address for address in addresses(forwarded, 1) if "@" in address.email]
    return found[0] if found else None
