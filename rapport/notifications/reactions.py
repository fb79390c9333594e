"""What of a conversation's timeline somebody should hear of. Each reads state: it may run late, or twice."""

from collections.abc import Iterable

from rapport.conversations.models import Conversation, Delivery, Entry, Follower, Mention, SideMessage
from rapport.conversations.models.conversation import FIRST_NUMBER
from rapport.conversations.queries.access import may_see
from rapport.kernel.stream.reactions import reacts_to
from rapport.notifications.actions.notify import notify
from rapport.notifications.models import About
from rapport.staff.models import Agent


def _actor(entry: Entry) -> Agent | None:
    if entry.actor_kind != "agent" or entry.actor_id is None:
        return None
    return Agent.objects.filter(pk=entry.actor_id).first()


def _number(entry: Entry) -> int:
    return entry.conversation_id + FIRST_NUMBER


@reacts_to("assigned")
def tell_assignee(entry: Entry) -> None:
    """Tell whoever got the conversation from somebody else."""
    agent_id, by = entry.payload["agent_id"], _actor(entry)
    if agent_id is not None and (by is None or by.pk != agent_id):
        notify(
            agent_ids=[agent_id],
            about=About.ASSIGNED,
            once=f"entry:{entry.pk}",
            conversation_number=_number(entry),
            by=by,
        )


@reacts_to("note.added", "call.logged")
def tell_mentioned(entry: Entry) -> None:
    """Tell everybody whom a note names, but not its author."""
    mentioned = Mention.objects.filter(note_id=entry.payload["note_id"]).values_list("agent_id", flat=True)
    by = _actor(entry)
    notify(
        agent_ids=[pk for pk in mentioned if by is None or pk != by.pk],
        about=About.MENTIONED,
        once=f"entry:{entry.pk}",
        conversation_number=_number(entry),
        by=by,
    )


@reacts_to("message.received")
def tell_owner(entry: Entry) -> None:
    """Tell the assignee and the followers that the customer answered; an automatic reply is no answer.

    What a blocked address writes is quiet.
    """
    if entry.payload["first"] or entry.payload["automatic"] or entry.payload.get("quiet"):
        return
    _tell_concerned(entry, About.ANSWERED)


@reacts_to("side.received")
def tell_forwarder(entry: Entry) -> None:
    """Tell whoever forwarded, the assignee and the followers that a third party answered."""
    if not entry.payload.get("quiet"):
        forwarded = SideMessage.objects.filter(pk=entry.payload.get("answered_id"), agent__isnull=False)
        _tell_concerned(entry, About.FORWARD, *forwarded.values_list("agent_id", flat=True))


def _tell_concerned(entry: Entry, about: About, *agent_ids: int) -> None:
    conversation = Conversation.objects.get(pk=entry.conversation_id)
    if conversation.spam or conversation.deleted_at is not None:
        return
    followers = Follower.objects.filter(conversation=conversation).values_list("agent_id", flat=True)
    concerned = {*agent_ids, *followers, conversation.assignee_id}
    notify(
        agent_ids=_who_see(conversation, concerned),
        about=about,
        once=f"entry:{entry.pk}",
        conversation_number=_number(entry),
    )


def _who_see(conversation: Conversation, agent_ids: Iterable[int | None]) -> list[int]:
    """Return those of the agents who may see the conversation: a follower's team or role may have changed."""
    agents = Agent.objects.filter(pk__in=[pk for pk in agent_ids if pk is not None], active=True)
    return [agent.pk for agent in agents if may_see(agent, conversation)]


@reacts_to("delivery.failed", "bounced")
def tell_sender(entry: Entry) -> None:
    """Tell the author of what did not arrive, or the assignee where the author is gone."""
    conversation = Conversation.objects.get(pk=entry.conversation_id)
    author = _who_see(conversation, [_author(entry)])
    notify(
        agent_ids=author or _who_see(conversation, [conversation.assignee_id]),
        about=About.FAILED,
        once=f"entry:{entry.pk}",
        conversation_number=_number(entry),
    )


def _author(entry: Entry) -> int | None:
    delivery_id = entry.payload.get("delivery_id")
    if delivery_id is None:
        return None
    delivery = Delivery.objects.select_related("message", "side_message").get(pk=delivery_id)
    written = delivery.message or delivery.side_message
    return None if written is None else written.agent_id
