"""Taking a forward back before it is sent."""

from django.db import transaction

from rapport.conversations.actions.lock import lock_for
from rapport.conversations.actions.undo_send import back_to_draft, withdraw
from rapport.conversations.below import Below
from rapport.conversations.folders import save_state
from rapport.conversations.models import Attachment, Draft, SideMessage
from rapport.staff.models import Agent
from rapport.staff.permissions import Permission


def undo_forward(*, agent: Agent, conversation_id: int, side_message_id: int) -> Draft:
    """Take an own forward back in its undo window; what the agent typed, and nothing below it, is the draft.

    Raises:
        TooLate: sending has begun.

    """
    with transaction.atomic():
        conversation = lock_for(agent, conversation_id, Permission.REPLY)
        side = SideMessage.objects.get(pk=side_message_id, conversation=conversation, agent=agent)
        withdraw(agent, conversation, side)
        draft = back_to_draft(agent, conversation, side, kind="forward", html=side.html[: side.typed])
        draft.below = _below(side).stored()
        draft.save(update_fields=["below"])
        SideMessage.objects.filter(pk=side.pk).update(nonce=None)
        # Files copied from the forwarded message have no uploader; the next forward copies them again.
        Attachment.objects.filter(side_message=side, uploader=agent).update(side_message=None, draft=draft)
        save_state(conversation)
    return draft


def _below(side: SideMessage) -> Below:
    if side.forwarded is None:
        return Below(side_id=side.answered_id)
    copied = Attachment.objects.filter(side_message=side, uploader=None).values("file_id")
    along = tuple(side.forwarded.attachments.filter(file_id__in=copied).values_list("pk", flat=True))
    return Below(message_id=side.forwarded_id, file_ids=along)
