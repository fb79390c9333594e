"""Taking note of the people whom a customer put in copy."""

from rapport.conversations.models import Conversation, Participant
from rapport.conversations.recipients import reply_all
from rapport.customers.values import normalised
from rapport.inboxes.contract import InboundMessage
from rapport.inboxes.queries.own_addresses import own_addresses

MOST_COPIED = 50


def admit_copied(conversation: Conversation, inbound: InboundMessage) -> None:
    """Let those in copy take part where our mail server vouches for who copied them, else wait for an agent.

    A forged mail must not make its author a participant, nor one that only names a customer for answers.
    Of a mail to a crowd only the first few are taken.
    """
    others = {each.value.lower() for each in (*inbound.to, *inbound.cc)} - {
        conversation.inbox.address.lower()
    }
    if not others - {inbound.customer.value.lower()}:
        return
    own = own_addresses()
    _customer, copied = reply_all(customer=inbound.customer, to=inbound.to, cc=inbound.cc, own=own)
    if not copied:
        return
    known = set(Participant.objects.filter(conversation=conversation).values_list("address", flat=True))
    names = {normalised("email", each.value): each.name[:200] for each in copied[:MOST_COPIED]}
    Participant.objects.bulk_create(
        Participant(
            conversation=conversation,
            address=address,
            name=name,
            role="cc",
            pending=not (inbound.authentic and inbound.from_customer),
            since_seq=conversation.last_seq,
        )
        for address, name in names.items()
        if address and address not in known
    )
