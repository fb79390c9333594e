"""Taking a forward back before it is sent."""

from django.db import transaction

from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.undo_send import back_to_draft, withdraw
from rapport.conversations.begun import begun_draft, readers_of
from rapport.conversations.below import Below, loaded
from rapport.conversations.folders import save_state
from rapport.conversations.models import Attachment, Conversation, Draft, SideMessage
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def undo_forward(*, agent: Agent, conversation_id: int, side_message_id: int) -> Draft:
    """Take an own forward back in its undo window; what the agent typed, and nothing below it, is the draft.

    Where a forward to others or of something else is begun meanwhile, it becomes the draft of a note: words
    for one third party must not stand addressed to another.

    Raises:
        TooLate: sending has begun.

    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        side = SideMessage.objects.get(pk=side_message_id, conversation=conversation, agent=agent)
        withdraw(agent, conversation, side)
        below = _below(side)
        kind = "note" if _other_begun(agent, conversation, side, below) else "forward"
        draft = back_to_draft(agent, conversation, side, kind=kind, html=side.html[: side.typed])
        draft.below = below.stored() if kind == "forward" else {}
        draft.save(update_fields=["below"])
        SideMessage.objects.filter(pk=side.pk).update(nonce=None)
        # Files copied from the forwarded message have no uploader; the next forward copies them again.
        Attachment.objects.filter(side_message=side, uploader=agent).update(side_message=None, draft=draft)
        save_state(conversation)
    return draft


def _other_begun(agent: Agent, conversation: Conversation, side: SideMessage, below: Below) -> bool:
    begun = begun_draft(agent, conversation, "forward")
    if begun is None:
        return False
    other = loaded(begun.below) or Below()
    same = (other.message_id, other.side_id) == (below.message_id, below.side_id)
    return not same or readers_of(begun) != readers_of(side)


def _below(side: SideMessage) -> Below:
    if side.forwarded is None:
        return Below(side_id=side.answered_id)
    copied = Attachment.objects.filter(side_message=side, uploader=None).values("file_id")
    along = tuple(side.forwarded.attachments.filter(file_id__in=copied).values_list("pk", flat=True))
    return Below(message_id=side.forwarded_id, file_ids=along)
