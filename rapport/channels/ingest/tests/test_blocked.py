"""What a blocked address answers is kept and visible, but opens nothing and tells nobody."""

from datetime import timedelta

import pytest

from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.actions.set_status import set_status
from rapport.conversations.actions.undo_send import undo_send
from rapport.conversations.models import Conversation, Folder, Message, Status
from rapport.conversations.recipients import parse_addresses
from rapport.customers.actions.identify import identify
from rapport.customers.actions.identities import block_identity
from rapport.customers.models import Identity
from rapport.kernel.clock import now
from rapport.kernel.jobs.worker import drain
from rapport.notifications.models import Notification
from rapport.staff.roles import Role
from tests import world
from tests.world import World, conversation_of, mail, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> World:
    return world.build()


@pytest.fixture
def sent(company: World) -> Message:
    """Our answer to a customer who was blocked after it."""
    conversation = conversation_of(receive(company.inbox, mail()))
    answer = Answer(html="<div>Yes</div>", to=parse_addresses(["ada@customer.example"]))
    agent = company.agent()
    sent = reply(agent=agent, conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    block_identity(agent=company.agent(Role.TEAM_LEAD), identity=Identity.objects.get(), blocked=True)
    return sent


def test_a_blocked_senders_answer_reopened_the_conversation_and_notified(
    company: World, sent: Message
) -> None:
    before = Conversation.objects.get()
    raw = receive(company.inbox, mail(In_Reply_To=sent.identity, text="Ring me at once"))
    message = Message.objects.get(raw=raw)
    after = Conversation.objects.get()
    assert (message.conversation, "Ring me" in message.text) == (before, True)
    assert {"code": "blocked"} in message.why
    assert (after.status, after.spam, after.waiting_since) == (Status.WAITING, False, None)
    drain({"reactions"})
    assert not Notification.objects.exists()


def test_a_blocked_senders_answer_to_a_closed_conversation_was_no_spam(company: World, sent: Message) -> None:
    lead = company.agent(Role.TEAM_LEAD)
    set_status(agent=lead, conversation_id=sent.conversation_id, status=Status.CLOSED)
    raw = receive(company.inbox, mail(In_Reply_To=sent.identity, text="Ring me at once"))
    begun = conversation_of(raw)
    assert (begun.pk == sent.conversation_id, begun.spam, begun.folder) == (False, True, Folder.SPAM)


def test_a_blocked_senders_answer_made_its_conversation_unread_and_the_first_of_its_list(
    company: World, sent: Message
) -> None:
    before = Conversation.objects.get()
    receive(company.inbox, mail(In_Reply_To=sent.identity, text="Ring me at once"))
    after = Conversation.objects.get()
    shown = ("news_seq", "preview", "last_message_at")
    assert [getattr(after, name) for name in shown] == [getattr(before, name) for name in shown]
    assert after.message_count == before.message_count + 1


def test_a_blocked_senders_answer_stopped_ours_and_was_quoted_by_it(company: World, sent: Message) -> None:
    token = Conversation.objects.get().last_seq
    receive(company.inbox, mail(In_Reply_To=sent.identity, text="Ring me at once"))
    answer = Answer(html="<div>Sent</div>", to=parse_addresses(["ada@customer.example"]))
    agent, pk = company.agent(Role.SPECIALIST), sent.conversation_id
    crossing = reply(agent=agent, conversation_id=pk, answer=answer, token=token)
    assert "where is my parcel" in crossing.quoted_html
    assert "Ring me" not in crossing.quoted_html


def test_what_came_while_an_address_was_blocked_by_mistake_was_never_answered(
    company: World, sent: Message
) -> None:
    lead, ours = company.agent(Role.TEAM_LEAD), {"In_Reply_To": sent.identity}
    receive(company.inbox, mail(text="New address: Main St", **ours))
    receive(company.inbox, mail(sender="Spam <spam@else.example>", Reply_To="ada@customer.example", **ours))
    came = sent.conversation.messages.filter(direction="in").order_by("pk")
    assert [each.quiet for each in came] == [False, True, True]
    spammer = identify(value="spam@else.example", at=now()).identity
    block_identity(agent=lead, identity=spammer, blocked=True)
    block_identity(agent=lead, identity=Identity.objects.get(value="ada@customer.example"), blocked=False)
    Message.objects.update(unverified=False)
    answer = Answer(html="<div>Sent</div>", to=parse_addresses(["ada@customer.example"]))
    written = reply(agent=company.agent(), conversation_id=sent.conversation_id, answer=answer)
    assert "Main St" in written.quoted_html


def test_an_answer_taken_back_showed_a_blocked_senders_words(company: World, sent: Message) -> None:
    receive(company.inbox, mail(In_Reply_To=sent.identity, text="Ring me at once"))
    answer = Answer(html="<div>Sent</div>", to=parse_addresses(["ada@customer.example"]))
    agent, pk = company.agent(), sent.conversation_id
    crossing = reply(agent=agent, conversation_id=pk, answer=answer)
    undo_send(agent=agent, conversation_id=pk, message_id=crossing.pk)
    after = Conversation.objects.get()
    assert (after.preview, after.waiting_since) == ("Yes", None)


def test_the_answer_of_one_who_is_not_blocked_opens_and_notifies(company: World, sent: Message) -> None:
    Identity.objects.update(blocked=False)
    receive(company.inbox, mail(In_Reply_To=sent.identity, text="Thanks"))
    assert Conversation.objects.get().status == Status.OPEN
    drain({"reactions"})
    assert Notification.objects.filter(about="answered").exists()
