"""Whether the mail that begins a conversation may be from somebody else than the customer it names."""

from rapport.conversations.queries import threading
from rapport.customers.queries.people import is_known, is_same_person
from rapport.inboxes.contract import InboundMessage

DISOWNED = "disowned"
"""Our mail server says that the sender's does not vouch for it."""
OTHER_AUTHOR = "other_author"
"""Another address than that of the customer, whom we know, stands in From."""


def doubt(inbound: InboundMessage) -> str:
    """Return the reason not to take the mail for the customer's, or nothing.

    Anybody can have the answers sent to a customer of ours: that alone makes nobody this customer.
    """
    if inbound.authentic is False:
        return DISOWNED
    if inbound.relayed or inbound.from_customer or not inbound.sender.value:
        return ""
    author, customer = inbound.sender.value, inbound.customer.value
    trusted = not is_known(customer) or is_same_person(author, customer)
    return "" if trusted or threading.was_accepted_beside(customer, author) else OTHER_AUTHOR
