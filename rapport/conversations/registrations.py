"""What conversations fill in the registries of lower floors."""

from collections.abc import Collection, Iterable

from rapport.conversations.models import Attachment, Conversation
from rapport.conversations.queries.access import may_see
from rapport.conversations.searching import DOCUMENTS
from rapport.kernel.files.references import References, register_references
from rapport.kernel.live.topics import register_topic
from rapport.kernel.search.index import register_documents
from rapport.staff.models import Agent


def _referenced(ids: Collection[int]) -> Iterable[int]:
    return Attachment.objects.filter(file_id__in=ids).values_list("file_id", flat=True)


def _may_watch(account_id: int, conversation_id: int) -> bool:
    agent = Agent.objects.filter(account_id=account_id, active=True, account__is_active=True).first()
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    return agent is not None and conversation is not None and may_see(agent, conversation)


def register() -> None:
    """Say which files are in use, who may watch which conversation, and what can be found."""
    register_references(References("conversations", _referenced))
    register_topic("conversation", may_subscribe=_may_watch)
    for documents in DOCUMENTS:
        register_documents(documents)
