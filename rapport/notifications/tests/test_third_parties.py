"""What comes of a forward reaches somebody: its answer, and that it could not be delivered."""

from datetime import timedelta

import pytest

from rapport.conversations import conflicts
from rapport.conversations.actions.assign import assign
from rapport.conversations.actions.follow import follow
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.record_delivery import record_failed
from rapport.conversations.actions.reply import Answer
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.spam import delete
from rapport.conversations.models import Conversation, Folder, SideMessage, Status
from rapport.conversations.recipients import parse_addresses
from rapport.customers.actions.identify import identify
from rapport.customers.actions.identities import block_identity
from rapport.kernel.clock import now
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.worker import drain
from rapport.notifications.models import About, Notification
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import World

pytestmark = pytest.mark.django_db
SUPPLIER = "supplier@parts.example"


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.fixture
def conversation(company: World) -> Conversation:
    return world.conversation_of(world.receive(company.inbox, world.mail()))


def react() -> None:
    drain({"reactions"})


def told(agent: Agent, about: About) -> int:
    return Notification.objects.filter(agent=agent, about=about).count()


def forwarded(company: World, conversation: Conversation) -> SideMessage:
    return forward(
        agent=company.agent(),
        conversation_id=conversation.pk,
        answer=Answer(html="<p>Can you look?</p>", to=tuple(parse_addresses([SUPPLIER]))),
        undo=timedelta(0),
    )


def answered(company: World, side: SideMessage, **headers: str) -> None:
    world.receive(company.inbox, world.mail(sender=SUPPLIER, In_Reply_To=side.identity, **headers))


@pytest.mark.parametrize("gone", ["closed", "deleted"])
def test_a_third_partys_answer_stayed_in_a_conversation_that_nobody_looks_at(
    company: World, conversation: Conversation, gone: str
) -> None:
    lead = company.agent(Role.TEAM_LEAD)
    assign(agent=lead, conversation_id=conversation.pk, assignee=lead)
    side = forwarded(company, conversation)
    if gone == "closed":
        set_status(agent=lead, conversation_id=conversation.pk, status=Status.CLOSED)
    else:
        delete(agent=lead, conversation_id=conversation.pk)
    answered(company, side)
    conversation.refresh_from_db()
    assert conversation.folder == Folder.OPEN
    react()
    assert told(company.agent(), About.FORWARD) == told(lead, About.FORWARD) == 1


@pytest.mark.parametrize("quiet", ["machine", "blocked"])
def test_a_machines_or_a_blocked_answer_to_a_forward_brings_nothing_back(
    company: World, conversation: Conversation, quiet: str
) -> None:
    side = forwarded(company, conversation)
    set_status(agent=company.agent(), conversation_id=conversation.pk, status=Status.CLOSED)
    if quiet == "machine":
        answered(company, side, Auto_Submitted="auto-replied")
    else:
        supplier = identify(value=SUPPLIER, name="", at=now()).identity
        block_identity(agent=company.agent(Role.ADMINISTRATOR), identity=supplier, blocked=True)
        answered(company, side)
    conversation.refresh_from_db()
    assert conversation.side_messages.filter(direction="in").exists()
    assert conversation.status == Status.CLOSED
    react()
    assert not told(company.agent(), About.FORWARD)


def test_a_machines_answer_to_a_forward_made_unread_and_stopped_our_answer_to_it(
    company: World, conversation: Conversation
) -> None:
    side = forwarded(company, conversation)
    conversation.refresh_from_db()
    seen, news = conversation.last_seq, conversation.news_seq
    answered(company, side, Auto_Submitted="auto-replied")
    conversation.refresh_from_db()
    assert conversation.news_seq == news
    conflicts.check(conversation, act="answer_side", token=seen, agent=company.agent(Role.SPECIALIST))


def test_a_forward_that_could_not_be_delivered_told_nobody(
    company: World, conversation: Conversation
) -> None:
    delivery = forwarded(company, conversation).deliveries.get()
    type(delivery).objects.filter(pk=delivery.pk).update(state=State.RUNNING, worker="w")
    delivery.refresh_from_db()
    record_failed(delivery=delivery, reason="no such domain")
    react()
    assert told(company.agent(), About.FAILED) == 1


def test_a_follower_who_may_no_longer_see_it_was_still_told(
    company: World, conversation: Conversation
) -> None:
    agent = company.agent()
    follow(agent=agent, conversation=conversation)
    agent.teams.set([company.other_team])
    before = {"In_Reply_To": conversation.messages.get().identity}
    world.receive(company.inbox, world.mail(text="And?", **before))
    react()
    assert not told(agent, About.ANSWERED)
    agent.teams.set([company.team])
    world.receive(company.inbox, world.mail(text="Now?", **before))
    react()
    assert told(agent, About.ANSWERED) == 1
