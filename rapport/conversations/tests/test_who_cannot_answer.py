"""Work leaves whoever cannot do it any more."""

import pytest

from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.models import Conversation, Entry, Status
from rapport.kernel.jobs.worker import drain
from rapport.staff.actions.change_role import change_role
from rapport.staff.actions.disable import disable
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    found = conversation_of(receive(company.inbox, mail()))
    return assign(agent=company.agent(), conversation_id=found.pk, assignee=company.agent())


@pytest.mark.parametrize("how", ["disabled", "made collaborator"])
def test_work_stayed_with_somebody_who_cannot_do_it(
    company: World, conversation: Conversation, how: str
) -> None:
    boss = company.agent(Role.ADMINISTRATOR)
    if how == "disabled":
        disable(actor=boss, agent=company.agent())
    else:
        change_role(actor=boss, agent=company.agent(), role=Role.COLLABORATOR)
    drain({"reactions"})
    conversation.refresh_from_db()
    assert conversation.assignee_id is None
    entry = Entry.objects.filter(conversation=conversation, kind="assigned").latest("seq")
    assert (entry.payload["before_id"], entry.actor_id) == (company.agent().pk, boss.pk)


def test_solved_work_of_somebody_made_collaborator_came_back_to_them(
    company: World, conversation: Conversation
) -> None:
    boss = company.agent(Role.ADMINISTRATOR)
    set_status(agent=boss, conversation_id=conversation.pk, status=Status.SOLVED)
    change_role(actor=boss, agent=company.agent(), role=Role.COLLABORATOR)
    drain({"reactions"})
    conversation.refresh_from_db()
    assert conversation.assignee == company.agent()
    receive(company.inbox, mail(text="And?", In_Reply_To=conversation.messages.get().identity))
    conversation.refresh_from_db()
    assert conversation.status == Status.OPEN
    assert conversation.assignee_id is None


def test_another_role_that_answers_keeps_its_work(company: World, conversation: Conversation) -> None:
    change_role(actor=company.agent(Role.ADMINISTRATOR), agent=company.agent(), role=Role.SPECIALIST)
    drain({"reactions"})
    conversation.refresh_from_db()
    assert conversation.assignee == company.agent()
