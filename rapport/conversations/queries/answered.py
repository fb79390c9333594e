"""Which message of a conversation an answer answers, and a forward passes on."""

from collections.abc import Callable
from functools import cache

from django.db.models import Exists, QuerySet

from rapport.conversations.models import Conversation, Delivery, DeliveryRecipient, Message
from rapport.customers.queries.people import is_blocked
from rapport.kernel.db.prepared import prepared


def message_answered(conversation: Conversation) -> Message | None:
    """Return the last message of a known participant, else our last one, else what a machine wrote.

    Of somebody whom no agent accepted yet, or who is blocked now, nothing is answered; of what machines
    write, only where there is nothing else. ``mended`` tells whether an address that failed was replaced in
    the conversation.

    The caller has loaded or locked the conversation for its agent.
    """
    pk = conversation.pk
    return _heard(pk) or _ours.first(pk) or _machines.first(pk)


def _heard(conversation_id: int) -> Message | None:
    last = _theirs.first(conversation_id)
    if last is None or not last.quiet:
        return last
    blocked = cache(is_blocked)
    people = _of_people(conversation_id)
    return next((each for each in people if not (each.quiet and _is_from(each, blocked))), None)


def _is_from(message: Message, blocked: Callable[[str], bool]) -> bool:
    return blocked(message.sender_address) or bool(message.written_by and blocked(message.written_by))


def _shown(conversation_id: int) -> QuerySet[Message]:
    found = Message.objects.filter(conversation_id=conversation_id, unverified=False)
    mended = DeliveryRecipient.objects.filter(delivery__conversation_id=conversation_id).exclude(former="")
    return found.annotate(mended=Exists(mended)).order_by("-id")


def _of_people(conversation_id: int) -> QuerySet[Message]:
    return _shown(conversation_id).filter(direction="in", automatic=False)


@prepared
def _theirs(conversation_id: int) -> QuerySet[Message]:
    return _of_people(conversation_id)[:1]


@prepared
def _ours(conversation_id: int) -> QuerySet[Message]:
    found = _shown(conversation_id).filter(direction="out", automatic=False)
    return found.exclude(deliveries__state__in=Delivery.GIVEN_UP)[:1]


@prepared
def _machines(conversation_id: int) -> QuerySet[Message]:
    return _shown(conversation_id).filter(direction="in", automatic=True)[:1]
