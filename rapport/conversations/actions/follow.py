"""Following a conversation without having it, and marking it read."""

from django.db import transaction

from rapport.conversations.models import Conversation, Entry, Follower, Mention, ReadMark
from rapport.conversations.queries.access import NotFound, may_see
from rapport.kernel.clock import now
from rapport.kernel.live.signal import signal
from rapport.staff.models import Agent


def follow(*, agent: Agent, conversation: Conversation, following: bool = True) -> None:
    """Follow or stop following; personal, so it leaves no entry. Raises ``NotFound``."""
    if not may_see(agent, conversation):
        raise NotFound
    if following:
        Follower.objects.get_or_create(agent=agent, conversation=conversation)
    else:
        Follower.objects.filter(agent=agent, conversation=conversation).delete()


def mark_read(*, agent: Agent, conversation: Conversation, seq: int) -> None:
    """Remember how far the agent has read; never goes back. Raises ``NotFound``."""
    if not may_see(agent, conversation):
        raise NotFound
    seq = min(seq, conversation.last_seq)
    with transaction.atomic():
        mark, created = ReadMark.objects.get_or_create(
            agent=agent, conversation=conversation, defaults={"seq": seq}
        )
        if not created and mark.seq < seq:
            ReadMark.objects.filter(pk=mark.pk, seq__lt=seq).update(seq=seq)
        Mention.objects.filter(agent=agent, conversation=conversation, done_at=None).update(done_at=now())
        if created or mark.seq < seq:
            signal(f"agent:{agent.pk}", seq)


def mark_unread(*, agent: Agent, conversation: Conversation) -> None:
    """Show the conversation as unread again, from its newest public message on."""
    if not may_see(agent, conversation):
        raise NotFound
    newest = Entry.objects.filter(conversation=conversation, kind="message.received").order_by("-seq").first()
    with transaction.atomic():
        ReadMark.objects.filter(agent=agent, conversation=conversation).update(
            seq=newest.seq - 1 if newest else 0
        )
        signal(f"agent:{agent.pk}", conversation.last_seq)
