"""Starting a conversation ourselves, by writing first."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.conversations.actions.create import create_conversation
from rapport.conversations.actions.drafts import discard
from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.queue_delivery import queue_delivery
from rapport.conversations.actions.reply import (
    UNDO_WINDOW,
    Answer,
    CannotCarry,
    check_carried,
    settle_after_sending,
    write_message,
)
from rapport.conversations.actions.welcome import welcome
from rapport.conversations.actors import by_agent
from rapport.conversations.folders import save_state
from rapport.conversations.kinds import Sent
from rapport.conversations.models import Conversation, Message, Status
from rapport.conversations.queries.access import NotFound, inboxes_for
from rapport.conversations.timeline import append
from rapport.conversations.variables import fill, values_for
from rapport.conversations.wording import written
from rapport.customers.actions.identify import identify
from rapport.inboxes.models import Inbox
from rapport.kernel.clock import now
from rapport.kernel.db.locks import lock_name
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
    check_start(agent, inbox)
    wording = written(answer.html)
    check_carried(agent, inbox, wording, answer)
    if not answer.subject.strip():
        raise CannotCarry(_("A first message needs a subject."))
    with transaction.atomic():
        key = answer.send_key(agent, None, "start", inbox.pk)
        if key:
            lock_name(f"send:{key}")
        discard(agent=agent, conversation=None, kind="new", nonce=answer.nonce)
        if key and (before := Message.objects.filter(nonce=key).first()):
            return before.conversation
        conversation = _begin(agent, inbox, answer)
        # Only now the variables of a canned reply have values: who is written to, and the number.
        wording = written(fill(answer.html, values_for(agent, conversation)))
        message = write_message(agent, conversation, wording, answer, key)
        delivery = queue_delivery(message=message, run_at=now() + undo)
        entry = append(
            conversation,
            "message.sent",
            Sent(message_id=message.pk, delivery_id=delivery.pk),
            actor=by_agent(agent),
        )
        welcome(conversation, (*answer.to, *answer.cc), agent, caused_by=entry)
        settle_after_sending(conversation, message, answer, agent, entry)
        save_state(conversation)
    return conversation


def _begin(agent: Agent, inbox: Inbox, answer: Answer) -> Conversation:
    first = answer.to[0]
    found = identify(value=first.value, name=first.name, at=now())
    return create_conversation(
        inbox=inbox,
        customer=found.customer,
        identity=found.identity,
        subject=answer.subject,
        at=now(),
        status=Status.OPEN,
        assignee=agent,
    )


def check_start(agent: Agent, inbox: Inbox) -> None:
    """Let pass who may begin conversations in this inbox; raises ``Forbidden`` and ``NotFound``."""
    if not agent.can(Permission.START):
        raise Forbidden(Permission.START)
    if not inboxes_for(agent).filter(pk=inbox.pk).exists():
        raise NotFound
