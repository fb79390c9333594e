"""Answering a third party. Like the forward it belongs to, it is never public."""

from datetime import timedelta

from django.db import transaction

from rapport.conversations import conflicts
from rapport.conversations.actions.forward import queue_side, write_side
from rapport.conversations.actions.refuse_customer import refuse_customer
from rapport.conversations.actions.reply import (
    UNDO_WINDOW,
    Answer,
    begin_sending,
    check_carried,
)
from rapport.conversations.models import SideMessage
from rapport.conversations.queries.access import NotFound
from rapport.conversations.queries.passed_on import answerable
from rapport.conversations.wording import written
from rapport.staff.models import Agent


def answer_side(
    *,
    agent: Agent,
    conversation_id: int,
    side_message_id: int,
    answer: Answer,
    token: int | None = None,
    undo: timedelta = UNDO_WINDOW,
) -> SideMessage:
    """Answer what a third party wrote, in the thread of their mails; the customer's side must not read it.

    Raises:
        Conflict: a third party or a colleague wrote to the other since ``token``.
        NotFound: no third party wrote this in the conversation.
        CannotCarry: the channel cannot carry it, nobody would read it, or the customer's side would.
        EmptyText: no words and no files.

    """
    wording = written(answer.html)
    with transaction.atomic():
        conversation, key, before = begin_sending(
            agent, conversation_id, answer, SideMessage, "answer_side", side_message_id, kind="forward"
        )
        if before is not None:
            return before
        answered = answerable(conversation, side_message_id)
        if answered is None:
            raise NotFound
        conflicts.check(conversation, act="answer_side", token=token, agent=agent)
        check_carried(agent, conversation.inbox, wording, answer)
        refuse_customer(answered, answer.readers)
        side = write_side(agent, conversation, answer, wording.html, key, answered=answered)
        queue_side(agent, side, answer, undo)
    return side
