"""What lists show of a conversation: its latest words, and when they came.

The caller holds the conversation's lock and saves it.
"""

from rapport.conversations.models import Conversation, Entry, Message, Note, SideMessage
from rapport.conversations.queries.waiting import shown_messages
from rapport.conversations.wording import preview_of


def show_latest(conversation: Conversation, words: Message | SideMessage) -> None:
    """Let the lists show words that came in, and sort by them."""
    conversation.last_message_at = max(conversation.last_message_at, words.created_at)
    conversation.preview = _preview(words)


def show_what_is_left(conversation: Conversation) -> None:
    """Let the lists show what was written last, once an answer was taken back."""
    kinds = (_last_message(conversation), _last_side_answer(conversation), _last_call(conversation))
    last = max((words for words in kinds if words), key=lambda words: words.created_at, default=None)
    conversation.preview = _preview(last) if last is not None else ""
    if last is not None:
        conversation.last_message_at = last.created_at


def _preview(words: Message | SideMessage | Note) -> str:
    """Return the first words; a third party's with its name, for the row bears the customer's."""
    if isinstance(words, SideMessage):
        return preview_of(f"{words.sender_name or words.sender_address}: {words.text}")
    return preview_of(words.text)


def _last_message(conversation: Conversation) -> Message | None:
    shown = shown_messages(conversation).only("text", "created_at", "why").order_by("-pk")
    return next((each for each in shown if not each.quiet), None)


def _last_side_answer(conversation: Conversation) -> SideMessage | None:
    came = Entry.objects.filter(conversation=conversation, kind="side.received").order_by("-seq")
    told = next((entry for entry in came if not entry.tells_nobody), None)
    return SideMessage.objects.filter(pk=told.payload["side_message_id"]).first() if told else None


def _last_call(conversation: Conversation) -> Note | None:
    logged = Entry.objects.filter(conversation=conversation, kind="call.logged").order_by("-seq").first()
    return Note.objects.filter(pk=logged.payload["note_id"]).first() if logged else None
