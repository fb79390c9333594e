"""Whether an agent chose the recipients of an answer, or left those that the composer offered by itself."""

from collections.abc import Iterable

from django.http import HttpRequest

from rapport.conversations.recipients import BadAddress, parse_addresses
from rapport.inboxes.contract import Address


def as_offered(to: Iterable[Address], cc: Iterable[Address]) -> str:
    """Return how a form remembers whom it offered: the addresses alone, in lower case."""
    return ";".join(" ".join(dict.fromkeys(each.value.lower() for each in row)) for row in (to, cc))


def chosen(request: HttpRequest) -> bool:
    """Tell whether the posted recipients are others than the form offered, or it does not say whom it did."""
    posted = request.POST
    try:
        to, cc = (parse_addresses(posted.get(role, "").split(",")) for role in ("to", "cc"))
    except BadAddress:
        return True
    return bool(posted.get("bcc", "").strip()) or as_offered(to, cc) != posted.get("offered")
