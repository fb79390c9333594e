"""All files of a conversation: those of its messages, and those of its notes and side messages."""

from collections.abc import Sequence

from rapport.conversations.models import Attachment, Conversation

MOST = 1000
"""Files of one conversation that are looked at: the newest."""
_OWNERS = ("message", "note", "side_message")


def files_of(conversation: Conversation) -> list[tuple[int, bool]]:
    """Return id and ``inline`` of a conversation's files, the newest first; one more than ``MOST`` at most.

    The caller has loaded the conversation for its agent, who sees notes and side messages with it.
    """
    # One index scan for each owner: joined by OR, both databases would walk through the files of everybody.
    first, *others = (
        Attachment.objects.filter(**{f"{owner}__conversation": conversation})
        .order_by()
        .values_list("pk", "inline")
        for owner in _OWNERS
    )
    return list(first.union(*others, all=True).order_by("-pk")[: MOST + 1])


def files_with(ids: Sequence[int]) -> list[Attachment]:
    """Return these files with what is stored of them, in this order."""
    found = Attachment.objects.select_related("file").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def is_shown(file: Attachment, html: str) -> bool:
    """Tell whether words show a file themselves, as a picture among them."""
    return bool(file.content_id) and f"cid:{file.content_id}" in html


def internal(attachment: Attachment) -> bool:
    """Tell whether a file belongs to internal words, which no customer ever sees."""
    return attachment.message_id is None
