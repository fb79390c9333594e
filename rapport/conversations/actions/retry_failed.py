"""Trying all again that could not be sent: a piece at once, the rest in a job."""

from contextlib import suppress

from rapport.conversations.actions.lock import Forbidden
from rapport.conversations.actions.mend_delivery import NotMendable, retry
from rapport.conversations.models import Delivery
from rapport.conversations.queries.access import NotFound
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.tasks import enqueue, job
from rapport.staff.models import Agent

JOB = "conversations.retry_failed"
TOGETHER = 50


def retry_failed(*, agent: Agent, after: int = 0) -> int:
    """Try all deliveries again, from the one ``after`` on, that have failed; return how many these are.

    What the agent may not reach is left as it is.
    """
    failed = Delivery.objects.filter(state=State.FAILED, pk__gt=after).order_by("pk")
    count = failed.count()
    piece = list(failed.only("conversation_id")[:TOGETHER])
    for delivery in piece:
        with suppress(NotMendable, NotFound, Forbidden):
            retry(agent=agent, conversation_id=delivery.conversation_id, delivery_id=delivery.pk)
    if count > len(piece):
        enqueue(JOB, unique_key=f"{JOB} {agent.pk}", agent_id=agent.pk, after=piece[-1].pk)
    return count


@job(JOB)
def go_on(*, agent_id: int, after: int) -> None:
    """Try the next piece again."""
    retry_failed(agent=Agent.objects.get(pk=agent_id), after=after)
