"""One mail in the inboxes of two teams: the screens of both follow the conversation."""

import pytest

from rapport.conversations.actions.assign import assign
from rapport.kernel.live.models import LiveSignal
from rapport.staff.roles import Role
from tests import world
from tests.world import conversation_of, mail, receive

pytestmark = pytest.mark.django_db


def test_the_screens_of_a_second_inboxs_team_stood_still() -> None:
    company = world.build()
    both = mail(to="support@velonord.example, workshop@refit.example")
    conversation = conversation_of(receive(company.inbox, both))
    theirs = LiveSignal.objects.filter(topic=f"team:{company.other_team.pk}")
    assert not theirs.exists()
    receive(company.other_inbox, both)
    assert theirs.count() == 1
    receive(company.inbox, mail(text="And?", In_Reply_To=conversation.messages.get().identity))
    assert theirs.count() > 1
    before = theirs.count()
    lead = company.agent(Role.TEAM_LEAD)
    assign(agent=lead, conversation_id=conversation.pk, assignee=lead)
    assert theirs.count() == before + 1
