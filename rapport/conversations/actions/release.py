"""Taking work from somebody who cannot do it any more: disabled, or in a role that does not answer."""

from django.db import transaction

from rapport.conversations.actions.assign import change_assignee
from rapport.conversations.actions.lock import lock
from rapport.conversations.actors import Actor
from rapport.conversations.folders import save_state
from rapport.conversations.queries.unsolved import unsolved_of
from rapport.staff.models import Agent


def release(*, agent: Agent, actor: Actor) -> None:
    """Give the agent's unsolved conversations to nobody, each in a transaction of its own.

    ``actor`` is who changed the agent's rights, with permission checked there.
    """
    for pk in list(unsolved_of(agent).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            conversation = lock(pk)
            if conversation.assignee_id == agent.pk:
                change_assignee(conversation, None, actor=actor)
                save_state(conversation)
