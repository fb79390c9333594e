"""Everything a conversation is made of. One file per noun."""

from rapport.conversations.models.conversation import (
    ENDED,
    Bond,
    Conversation,
    ConversationInbox,
    ConversationLink,
    Folder,
    Kind,
    Priority,
    Status,
    Tag,
)
from rapport.conversations.models.delivery import Delivery, DeliveryRecipient
from rapport.conversations.models.entry import Entry, EntryWords
from rapport.conversations.models.people import Follower, Mention, Participant, ReadMark
from rapport.conversations.models.words import Attachment, ClosedForm, Draft, Message, Note, SideMessage

__all__ = [
    "ENDED",
    "Attachment",
    "Bond",
    "ClosedForm",
    "Conversation",
    "ConversationInbox",
    "ConversationLink",
    "Delivery",
    "DeliveryRecipient",
    "Draft",
    "Entry",
    "EntryWords",
    "Folder",
    "Follower",
    "Kind",
    "Mention",
    "Message",
    "Note",
    "Participant",
    "Priority",
    "ReadMark",
    "SideMessage",
    "Status",
    "Tag",
]
