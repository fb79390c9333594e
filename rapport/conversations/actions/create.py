"""Making the row of a new conversation, for every action that starts one."""

from datetime import datetime

from rapport.conversations.folders import remember
from rapport.conversations.models import Conversation, ConversationInbox, Folder, Participant, Status
from rapport.conversations.subjects import subject_line
from rapport.customers.models import Customer, Identity
from rapport.inboxes.models import Inbox
from rapport.kernel.db.rows import insert
from rapport.staff.models import Agent


def create_conversation(
    *,
    inbox: Inbox,
    customer: Customer,
    identity: Identity | None,
    subject: str,
    at: datetime,
    origin: str = "live",
    spam: bool = False,
    status: Status = Status.NEW,
    assignee: Agent | None = None,
) -> Conversation:
    """Create a conversation in its home inbox, with the customer as its participant. No entry is appended."""
    folder = Folder.SPAM if spam else Folder.SOLVED if status is Status.SOLVED else Folder.OPEN
    conversation = Conversation(
        subject=subject_line(subject),
        status=status,
        folder=folder,
        customer=customer,
        identity=identity,
        inbox=inbox,
        brand_id=inbox.brand_id,
        team_id=inbox.team_id,
        assignee=assignee,
        spam=spam,
        origin=origin,
        created_at=at,
        last_message_at=at,
        solved_at=at if status is Status.SOLVED else None,
    )
    insert(conversation)
    _place(conversation)
    if identity is not None:
        name = customer.name[:200]
        insert(Participant(conversation=conversation, address=identity.value, name=name, role="customer"))
    return remember(conversation)


def _place(conversation: Conversation) -> None:
    place = ConversationInbox(
        conversation=conversation,
        inbox_id=conversation.inbox_id,
        team_id=conversation.team_id,
        folder=conversation.folder,
        assigned=conversation.assignee_id is not None,
        last_message_at=conversation.last_message_at,
    )
    insert(place)
