"""A tag is renamed while somebody puts tags on: neither of the two changes is lost."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from rapport.conversations.actions.edit_tag import delete_tag, edit_tag
from rapport.conversations.actions.tag import change_tags
from rapport.conversations.models import Conversation, Tag
from rapport.staff.models import Agent
from rapport.staff.roles import Role
from tests import world
from tests.world import conversation_of, mail, receive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> world.World:
    return world.build()


@pytest.fixture
def tagged(company: world.World) -> Conversation:
    conversation = conversation_of(receive(company.inbox, mail()))
    return change_tags(agent=company.agent(), conversation_id=conversation.pk, add=["parcel"])


def rename(admin: Agent) -> None:
    edit_tag(actor=admin, tag=Tag.objects.get(name="parcel"), name="package", colour="#3557d6")


def delete(admin: Agent) -> None:
    delete_tag(actor=admin, tag=Tag.objects.get(name="parcel"))


@pytest.mark.parametrize(("act", "left"), [(rename, ["late", "package"]), (delete, ["late"])])
def test_a_tag_put_on_during_a_rename_was_lost(
    company: world.World, tagged: Conversation, act: Callable[[Agent], None], left: list[str]
) -> None:
    other = _while_tagging(company, tagged, "late", act)
    assert not other.is_alive()
    assert Conversation.objects.get().tag_names == left
    assert sorted(tag.name for tag in tagged.tags.all()) == left


def test_a_conversation_tagged_during_a_rename_kept_the_old_name(
    company: world.World, tagged: Conversation
) -> None:
    second = conversation_of(receive(company.inbox, mail(subject="Another")))
    other = _while_tagging(company, second, "parcel", rename)
    assert not other.is_alive()
    assert {each.pk: each.tag_names for each in Conversation.objects.all()} == {
        tagged.pk: ["package"],
        second.pk: ["package"],
    }


def _while_tagging(
    company: world.World, conversation: Conversation, name: str, act: Callable[[Agent], None]
) -> threading.Thread:
    admin, begun = company.agent(Role.ADMINISTRATOR), threading.Event()

    def run() -> None:
        begun.set()
        try:
            act(admin)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        change_tags(agent=company.agent(), conversation_id=conversation.pk, add=[name])
        other.start()
        begun.wait(10)
        # Long enough for it to come as far as it can beside a transaction that is still open.
        other.join(0.5)
    other.join(20)
    return other
