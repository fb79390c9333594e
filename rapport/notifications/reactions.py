"""What of a conversation's timeline somebody should hear of. Each reads state: it may run late, or twice."""

from rapport.conversations.models import Conversation, Entry, Follower, Mention, Message
from rapport.conversations.models.conversation import FIRST_NUMBER
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
    """Tell the assignee and the followers that the customer answered; an automatic reply is no answer."""
    if entry.payload["first"] or entry.payload["automatic"]:
        return
    conversation = Conversation.objects.only("assignee_id", "spam", "deleted_at").get(
        pk=entry.conversation_id
    )
    if conversation.spam or conversation.deleted_at is not None:
        return
    followers = Follower.objects.filter(conversation_id=entry.conversation_id)
    concerned = set(followers.values_list("agent_id", flat=True))
    if conversation.assignee_id is not None:
        concerned.add(conversation.assignee_id)
    notify(
        agent_ids=concerned,
        about=About.ANSWERED,
        once=f"entry:{entry.pk}",
        conversation_number=_number(entry),
    )


@reacts_to("delivery.failed", "bounced")
def tell_sender(entry: Entry) -> None:
    """Tell the author of a message that it did not arrive; the assignee where the author is gone."""
    conversation = Conversation.objects.only("assignee_id").get(pk=entry.conversation_id)
    author = _author(entry)
    concerned = author if author is not None else conversation.assignee_id
    notify(
        agent_ids=[] if concerned is None else [concerned],
        about=About.FAILED,
        once=f"entry:{entry.pk}",
        conversation_number=_number(entry),
    )


def _author(entry: Entry) -> int | None:
    delivery_id = entry.payload.get("delivery_id")
    if delivery_id is None:
        return None
    found = Message.objects.filter(deliveries=delivery_id, agent__active=True)
    return found.values_list("agent_id", flat=True).first()
