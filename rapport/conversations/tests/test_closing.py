"""What was solved long ago is closed by the clock."""

from datetime import timedelta

import pytest

from rapport.conversations.jobs import CLOSES_AFTER, close_solved
from rapport.conversations.models import Conversation, Folder, Status
from rapport.kernel.clock import now
from tests import world
from tests.world import conversation_of, mail, receive


@pytest.mark.django_db
def test_what_was_solved_fourteen_days_ago_is_closed() -> None:
    company = world.build()
    long_ago, lately = (
        conversation_of(receive(company.inbox, mail(sender=f"{name}@customer.example"))) for name in "ab"
    )
    for found, days in ((long_ago, 1), (lately, -1)):
        solved_at = now() - CLOSES_AFTER - timedelta(days=days)
        Conversation.objects.filter(pk=found.pk).update(
            status=Status.SOLVED, folder=Folder.SOLVED, solved_at=solved_at
        )
    close_solved()
    assert Conversation.objects.get(pk=long_ago.pk).status == Status.CLOSED
    assert Conversation.objects.get(pk=lately.pk).status == Status.SOLVED
    assert long_ago.entries.filter(kind="status.changed").exists()
