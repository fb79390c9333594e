"""Words are indexed while their conversation moves: the index follows, and shows them to nobody else."""

import threading
from collections.abc import Callable
from datetime import UTC, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from rapport.conversations.actions.assign import assign_both, assign_team
from rapport.conversations.actions.forward import forward
from rapport.conversations.actions.note import add_note
from rapport.conversations.actions.reply import Answer
from rapport.conversations.models import Conversation
from rapport.conversations.queries.find import find, find_rows
from rapport.conversations.searching import index_message, index_note, index_side_message, index_state
from rapport.inboxes.contract import Address
from rapport.kernel.search.language import parse
from rapport.kernel.search.models import Document
from rapport.staff.roles import Role
from tests.world import World

Written = Callable[[World, Conversation], Callable[[], None]]


def message(_company: World, conversation: Conversation) -> Callable[[], None]:
    return partial(index_message, conversation.messages.get().pk)


def note(company: World, conversation: Conversation) -> Callable[[], None]:
    added = add_note(agent=company.agent(), conversation_id=conversation.pk, html="<p>An okapi</p>")
    return partial(index_note, added.pk)


def side(company: World, conversation: Conversation) -> Callable[[], None]:
    asked = Answer(html="<p>In stock?</p>", to=(Address("supplier@parts.example"),))
    sent = forward(
        agent=company.agent(), conversation_id=conversation.pk, answer=asked, undo=timedelta(minutes=1)
    )
    return partial(index_side_message, sent.pk)


def beside(work: Callable[[], None]) -> threading.Thread:
    """Begin ``work`` in a thread, and give it the time to come as far as it can."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    other.start()
    other.join(0.5)
    return other


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writes at a time there")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("written", [message, note, side])
def test_words_indexed_during_a_change_of_team_kept_the_old_team(
    company: World, conversation: Conversation, written: Written
) -> None:
    def move() -> None:
        Conversation.objects.filter(pk=conversation.pk).update(team=company.other_team)
        index_state(conversation.pk)

    index = written(company, conversation)
    with transaction.atomic():
        index()
        other = beside(move)
    other.join(20)
    assert not other.is_alive()
    assert [each.team_id for each in Document.objects.all()] == [company.other_team.pk]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writes at a time there")
@pytest.mark.django_db(transaction=True)
def test_a_change_of_team_and_the_index_never_wait_for_each_other(
    company: World, conversation: Conversation
) -> None:
    def move() -> None:
        admin = company.agent(Role.ADMINISTRATOR)
        assign_team(agent=admin, conversation_id=conversation.pk, team=company.other_team)

    with transaction.atomic():
        message(company, conversation)()
        other = beside(move)
        Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None)
    other.join(20)
    assert not other.is_alive()
    assert Conversation.objects.get().team == company.other_team
    assert [each.team_id for each in Document.objects.all()] == [company.other_team.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("move", [assign_team, partial(assign_both, assignee=None)])
def test_a_new_team_found_nothing_of_a_conversation_until_the_index_followed(
    company: World, conversation: Conversation, move: Callable[..., Conversation]
) -> None:
    message(company, conversation)()
    agent, query = company.agent(), parse("parcel")
    agent.teams.set([company.other_team])
    assert find(agent, query).found == []
    admin = company.agent(Role.ADMINISTRATOR)
    move(agent=admin, conversation_id=conversation.pk, team=company.other_team)
    assert len(find(agent, query).found) == 1


def test_words_were_shown_to_the_former_team_until_the_index_followed(
    company: World, conversation: Conversation
) -> None:
    message(company, conversation)()
    agent, query = company.agent(), parse("parcel")
    assert len(find(agent, query).found) == len(list(find_rows(agent, query, zone=UTC))) == 1
    admin = company.agent(Role.ADMINISTRATOR)
    assign_team(agent=admin, conversation_id=conversation.pk, team=company.other_team)
    Conversation.objects.filter(pk=conversation.pk).update(brand=company.other_brand)
    assert find(agent, query).found == []
    assert list(find_rows(agent, query, zone=UTC)) == []
    assert len(find(admin, query).found) == 1
