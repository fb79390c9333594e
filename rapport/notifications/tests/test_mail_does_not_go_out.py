"""An inbox whose mail server takes nothing told nobody: its answers waited unseen for two days."""

from datetime import timedelta

import pytest

from rapport.conversations.actions.record_delivery import record_sent, record_waiting
from rapport.conversations.actions.reply import Answer, reply
from rapport.conversations.models import Conversation, Delivery
from rapport.conversations.queries.unsent import unsent
from rapport.conversations.recipients import parse_addresses
from rapport.inboxes.contract import Receipt, RecipientResult
from rapport.inboxes.queries.untaken import trouble_words
from rapport.kernel import clock
from rapport.kernel.jobs.hold import hold
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue
from rapport.notifications.jobs import tell_inbox_trouble
from rapport.notifications.models import About, Notification
from rapport.staff.roles import Role
from tests import world
from tests.world import World

pytestmark = pytest.mark.django_db
ADA = "ada@customer.example"
WRONG = "mail.velonord.example does not accept user name and password"
LATER = timedelta(minutes=20)


@pytest.fixture
def company() -> World:
    return world.build()


def talk(company: World, words: str) -> Conversation:
    return world.conversation_of(world.receive(company.inbox, world.mail(text=words, subject=words)))


def tried(company: World, conversation: Conversation) -> Delivery:
    """An answer that the worker has in its hands."""
    answer = Answer(html="<p>Here</p>", to=parse_addresses([ADA]))
    message = reply(agent=company.agent(), conversation_id=conversation.pk, answer=answer, undo=timedelta(0))
    outgoing = queue("delivery")
    rows = outgoing.rows().filter(message=message)
    claimed = claim(rows, limit=1, lease=outgoing.lease, worker="test", order=outgoing.order)
    return Delivery.objects.get(pk=claimed[0].pk)


def told(company: World, role: Role) -> int:
    tell_inbox_trouble()
    return Notification.objects.filter(agent=company.agent(role), about=About.INBOX).count()


def said(accepted: bool) -> Receipt:
    return Receipt(
        recipients=(RecipientResult(address=ADA, accepted=accepted, permanent=False, detail="450 later"),)
    )


def test_a_refused_password_of_the_mail_server_told_nobody(company: World) -> None:
    record_waiting(delivery=tried(company, talk(company, "one")), reason=WRONG)
    record_waiting(delivery=tried(company, talk(company, "two")), reason=WRONG)
    assert told(company, Role.TEAM_LEAD) == 0
    with clock.travel(clock.now() + LATER):
        assert [told(company, Role.TEAM_LEAD), told(company, Role.TEAM_LEAD)] == [1, 1]
        assert told(company, Role.ADMINISTRATOR) == 1
        assert told(company, Role.REPRESENTATIVE) == 0
        assert trouble_words(company.inbox, unsent()) == f"2 mails wait, because none goes out: {WRONG}"


def test_a_recipient_who_is_put_off_is_no_trouble_of_the_inbox(company: World) -> None:
    record_sent(delivery=tried(company, talk(company, "one")), receipt=said(accepted=False))
    with clock.travel(clock.now() + LATER):
        assert told(company, Role.TEAM_LEAD) == 0


def test_an_inbox_that_sent_something_since_works(company: World) -> None:
    record_waiting(delivery=tried(company, talk(company, "one")), reason=WRONG)
    record_sent(delivery=tried(company, talk(company, "two")), receipt=said(accepted=True))
    with clock.travel(clock.now() + LATER):
        assert told(company, Role.TEAM_LEAD) == 0


def test_it_is_told_again_when_it_fails_again(company: World) -> None:
    first = tried(company, talk(company, "one"))
    record_waiting(delivery=first, reason=WRONG)
    with clock.travel(clock.now() + LATER):
        assert told(company, Role.TEAM_LEAD) == 1
        Delivery.objects.filter(pk=first.pk).update(state="done", sent_at=clock.now(), reason="")
        assert unsent() == {}
        record_waiting(delivery=tried(company, talk(company, "two")), reason=WRONG)
    with clock.travel(clock.now() + 3 * LATER):
        assert told(company, Role.TEAM_LEAD) == 2


def test_a_restored_copy_sends_nothing_and_tells_nothing(company: World) -> None:
    record_waiting(delivery=tried(company, talk(company, "one")), reason=WRONG)
    hold("restored")
    with clock.travel(clock.now() + LATER):
        assert told(company, Role.TEAM_LEAD) == 0
