"""What a person does about a delivery that did not go through: try again, change an address, give up."""

from django.db import transaction

from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.record_delivery import about
from rapport.conversations.actions.refuse_customer import refuse_customer, refuse_forward_to_customer
from rapport.conversations.actions.reply import check_readable
from rapport.conversations.actions.welcome import welcome
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.models import Conversation, Delivery, Entry
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.undelivered import undelivered
from rapport.conversations.recipients import parse_addresses
from rapport.conversations.timeline import append
from rapport.inboxes.contract import Address
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import wake
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission

_MENDABLE = (State.QUEUED, State.FAILED)
SETTLED = ("sent", "skipped")


class NotMendable(Exception):
    """The delivery is being sent, or is done and nothing of it came back."""


def retry(*, agent: Agent, conversation_id: int, delivery_id: int) -> Delivery:
    """Try now, to the recipients that have not had it. Raises ``NotMendable``."""
    with transaction.atomic():
        conversation, delivery = _load(agent, conversation_id, delivery_id)
        _requeue(conversation, delivery, agent)
    return delivery


def readdress(
    *, agent: Agent, conversation_id: int, delivery_id: int, recipient_id: int, address: str
) -> Delivery:
    """Replace one address that failed, and try now. Whoever has the new one takes part from now on.

    The quote goes along only where the new address has had what is quoted.

    Raises:
        BadAddress: it is no address.
        CannotCarry: nobody reads it, it is our own inbox, or the customer would get a forward or a side talk.
        NotMendable: the delivery is being sent or is done.

    """
    (new,) = parse_addresses([address]) or (None,)
    if new is None:
        raise NotMendable("there is no address")
    with transaction.atomic():
        conversation, delivery = _load(agent, conversation_id, delivery_id)
        check_readable(conversation.inbox, new)
        _refuse_customer(delivery, new)
        recipient = delivery.recipients.filter(pk=recipient_id).exclude(state__in=SETTLED).first()
        if recipient is None:
            raise NotFound
        recipient.former = recipient.former or recipient.address
        recipient.address, recipient.name, recipient.state, recipient.detail = (
            new.value,
            new.name,
            "pending",
            "",
        )
        recipient.save()
        retried = _requeue(conversation, delivery, agent)
        if delivery.message_id is not None and recipient.role != "bcc":
            welcome(conversation, [new], agent, caused_by=retried)
    return delivery


def _refuse_customer(delivery: Delivery, new: Address) -> None:
    side = delivery.side_message
    if side is None:
        return
    if side.answered is not None:
        refuse_customer(side.answered, [new])
    else:
        refuse_forward_to_customer(side.conversation, [new])


def skip(*, agent: Agent, conversation_id: int, delivery_id: int) -> Delivery:
    """Give up sending to those who have not had it; what somebody had stays sent. Raises ``NotMendable``."""
    with transaction.atomic():
        conversation, delivery = _load(agent, conversation_id, delivery_id)
        if delivery.recipients.filter(state="sent").exists():
            delivery.state, delivery.reason = State.DONE, ""
        else:
            delivery.state = Delivery.SKIPPED
        delivery.save(update_fields=["state", "reason"])
        delivery.recipients.exclude(state="sent").update(state="skipped")
        conversation.delivery_failed = undelivered(conversation)
        append(conversation, "delivery.skipped", about(delivery), actor=by_agent(agent))
        save_state(conversation)
        wake("delivery")
    return delivery


def _load(agent: Agent, conversation_id: int, delivery_id: int) -> tuple[Conversation, Delivery]:
    conversation = lock_for(agent, conversation_id, Permission.REPLY)
    delivery = Delivery.objects.select_for_update().filter(pk=delivery_id, conversation=conversation).first()
    if delivery is None:
        raise NotFound
    came_back = delivery.state == State.DONE and delivery.recipients.filter(state="bounced").exists()
    if delivery.state not in _MENDABLE and not came_back:
        raise NotMendable(delivery.state)
    return conversation, delivery


def _requeue(conversation: Conversation, delivery: Delivery, agent: Agent) -> Entry:
    delivery.state, delivery.run_at, delivery.attempts = State.QUEUED, now(), 0
    delivery.reason = delivery.last_error = ""
    delivery.save(update_fields=["state", "run_at", "attempts", "reason", "last_error"])
    delivery.recipients.exclude(state__in=SETTLED).update(state="pending", detail="")
    conversation.delivery_failed = undelivered(conversation)
    retried = append(conversation, "delivery.retried", about(delivery), actor=by_agent(agent))
    save_state(conversation)
    wake("delivery")
    return retried
