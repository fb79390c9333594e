"""Keeping the customer's side out of a talk with a third party."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from rapport.conversations.actions.reply import CannotCarry
from rapport.conversations.models import Conversation, SideMessage
from rapport.conversations.queries.customers_side import (
    customers_addresses,
    participants_beside,
    participants_not_asked,
)
from rapport.customers.values import normalised
from rapport.inboxes.contract import Address


def refuse_forward_to_customer(conversation: Conversation, readers: Iterable[Address]) -> None:
    """Refuse the customer's side as readers of a forward: their answer would be taken for a third party's.

    Raises:
        CannotCarry: one of them is the customer, or takes part in the conversation and in no talk beside it.

    """
    values = [normalised("email", reader.value) for reader in readers]
    for address in customers_addresses(conversation, values)[:1]:
        words = _(
            "%(address)s is the customer, whose answer to a forward would stay internal. "
            "Write a reply to them instead."
        )
        raise CannotCarry(words % {"address": address})
    for address in participants_not_asked(conversation, values)[:1]:
        words = _(
            "%(address)s takes part in the conversation with the customer, and what they answer to a forward "
            "would stay internal. Add it to a reply instead."
        )
        raise CannotCarry(words % {"address": address})


def refuse_customer(answered: SideMessage, readers: Iterable[Address]) -> None:
    """Refuse readers of an answer to what a third party wrote who are on the customer's side.

    Raises:
        CannotCarry: one of them is the customer, or takes part in the conversation and not in this talk.

    """
    values = [normalised("email", reader.value) for reader in readers]
    for address in customers_addresses(answered.conversation, values)[:1]:
        words = _("%(address)s is the customer, who must not read this. Remove it from the recipients.")
        raise CannotCarry(words % {"address": address})
    for address in participants_beside(answered, values)[:1]:
        words = _(
            "%(address)s takes part in the conversation with the customer and must not read this. "
            "Remove it from the recipients."
        )
        raise CannotCarry(words % {"address": address})
