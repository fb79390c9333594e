"""Starting a conversation ourselves: by writing first, or by logging a phone call."""

from datetime import timedelta

from django.db import transaction

from rapport.conversations.actions.create import create_conversation
from rapport.conversations.actions.drafts import discard
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.note import EmptyText
from rapport.conversations.actions.queue_delivery import queue_delivery
from rapport.conversations.actions.reply import (
    UNDO_WINDOW,
    Answer,
    CannotCarry,
    check_carried,
    settle_after_sending,
    write_message,
)
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import CallLogged, Sent
from rapport.conversations.models import Conversation, Message, Note, Status
from rapport.conversations.queries.access import NotFound, inboxes_for
from rapport.conversations.timeline import append
from rapport.conversations.wording import preview_of, written
from rapport.customers.actions.identify import identify
from rapport.customers.models import Customer
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.db.locks import lock_name
from rapport.kernel.text.sanitise import SANITISER_VERSION
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def start(*, agent: Agent, inbox: Inbox, answer: Answer, undo: timedelta = UNDO_WINDOW) -> Conversation:
    """Write to somebody first; the first address in ``to`` is the customer.

    Raises:
        Forbidden: the agent's role may not start conversations.
        NotFound: the inbox is beyond the agent's reach.
        CannotCarry: nobody to send it to, or the channel cannot carry it.
        EmptyText: no words and no files.

    """
    _check_start(agent, inbox)
    wording = written(answer.html)
    check_carried(agent, inbox, wording, answer)
    if not answer.subject.strip():
        raise CannotCarry("A first message needs a subject.")
    with transaction.atomic():
        key = answer.send_key(agent, None)
        if key:
            lock_name(f"send:{key}")
        if key and (before := Message.objects.filter(nonce=key).first()):
            return before.conversation
        first = answer.to[0]
        found = identify(value=first.value, name=first.name, at=now())
        conversation = create_conversation(
            inbox=inbox,
            customer=found.customer,
            identity=found.identity,
            subject=answer.subject,
            at=now(),
            status=Status.OPEN,
            assignee=agent,
        )
        message = write_message(agent, conversation, wording, answer, key)
        delivery = queue_delivery(message=message, run_at=now() + undo)
        discard(agent=agent, conversation=None, kind="new", nonce=answer.nonce)
        entry = append(
            conversation,
            "message.sent",
            Sent(message_id=message.pk, delivery_id=delivery.pk),
            actor=by_agent(agent),
        )
        settle_after_sending(conversation, message, answer, agent, entry)
        save_state(conversation)
    return conversation


def log_call(
    *,
    agent: Agent,
    inbox: Inbox,
    customer: Customer,
    subject: str,
    html: str,
    inbound: bool,
    minutes: int,
    status: Status = Status.OPEN,
    nonce: str = "",
) -> Conversation:
    """Write down a phone call as a new conversation. What was said is internal.

    Raises:
        Forbidden: the agent's role may not start conversations.
        NotFound: the inbox is beyond the agent's reach.
        EmptyText: nothing was written down.

    """
    _check_start(agent, inbox)
    wording = written(html)
    if not wording.text:
        raise EmptyText
    with transaction.atomic():
        identity = customer.identities.filter(kind="email").order_by("pk").first()
        conversation = create_conversation(
            inbox=inbox,
            customer=customer,
            identity=identity,
            subject=subject or preview_of(wording.text),
            at=now(),
            status=status,
            assignee=agent,
        )
        note = Note.objects.create(
            conversation=conversation,
            agent=agent,
            author_name=agent.name,
            html=wording.html,
            text=wording.text,
            sanitiser=SANITISER_VERSION,
            created_at=now(),
        )
        payload = CallLogged(note_id=note.pk, inbound=inbound, minutes=max(0, min(minutes, 24 * 60)))
        discard(agent=agent, conversation=None, kind="new", nonce=nonce)
        append(conversation, "call.logged", payload, actor=by_agent(agent))
        conversation.preview = preview_of(wording.text)
        save_state(conversation)
    return conversation


def _check_start(agent: Agent, inbox: Inbox) -> None:
    if not agent.can(Permission.START):
        raise Forbidden(Permission.START)
    if not inboxes_for(agent).filter(pk=inbox.pk).exists():
        raise NotFound
