"""What conversations do after an entry is committed: keep the search index and the assignees true."""

from rapport.conversations.actions.release import release
from rapport.conversations.actors import Actor
from rapport.conversations.models import Entry
from rapport.conversations.searching import index_message, index_note, index_side_message, index_state
from rapport.kernel.stream.models import ActorKind
from rapport.kernel.stream.reactions import reacts_to
from rapport.staff.models import Agent, AuditEntry
from rapport.staff.permissions import Permission


@reacts_to("message.received", "message.sent", replay=True, on_import=True)
def index_words(entry: Entry) -> None:
    """Make a public message findable."""
    index_message(entry.payload["message_id"])


@reacts_to("note.added", "call.logged", replay=True, on_import=True)
def index_internal(entry: Entry) -> None:
    """Make a note findable for staff."""
    index_note(entry.payload["note_id"])


@reacts_to("side.sent", "side.received", replay=True, on_import=True)
def index_side(entry: Entry) -> None:
    """Make a side message findable for staff."""
    index_side_message(entry.payload["side_message_id"])


@reacts_to("delivery.withdrawn")
def index_withdrawn(entry: Entry) -> None:
    """Take words that were taken back out of the search."""
    if entry.payload["message_id"]:
        index_message(entry.payload["message_id"])
    else:
        index_side_message(entry.payload["side_message_id"])


@reacts_to(
    "delivery.withdrawn",
    "status.changed",
    "team.changed",
    "spam.marked",
    "spam.unmarked",
    "deleted",
    "restored",
    "snoozed",
    "woken",
)
def index_moves(entry: Entry) -> None:
    """Keep folder and team of a conversation's documents true."""
    index_state(entry.conversation_id)


@reacts_to("agent.disabled", "agent.role_changed")
def release_work(entry: AuditEntry) -> None:
    """Take the unsolved conversations from somebody who cannot answer any more."""
    agent = Agent.objects.get(pk=entry.payload["agent_id"])
    if not agent.can(Permission.REPLY):
        release(agent=agent, actor=Actor(ActorKind(entry.actor_kind), entry.actor_id))
