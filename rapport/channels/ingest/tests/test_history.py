"""Old mail of the Sent folder is ours, whoever of us sent it."""

import pytest

from rapport.conversations.models import Entry, Message
from rapport.customers.models import Identity
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawInbound
from rapport.staff.roles import Role
from tests import world
from tests.world import World, ingest, mail

pytestmark = pytest.mark.django_db

ALIAS = "Velo Nord <hello@velonord.example>"


@pytest.fixture
def company() -> World:
    return world.build()


def take_over(company: World, content: bytes, source: str = "sent") -> RawInbound:
    raw = store_raw(inbox=company.inbox, content=content, source=source, origin="import")
    ingest()
    return RawInbound.objects.get(pk=raw.pk)


def customers() -> set[str]:
    return set(Identity.objects.values_list("value", flat=True))


def test_an_old_answer_sent_by_an_alias_stood_as_incoming(company: World) -> None:
    asked = take_over(company, mail(Message_ID="<ask@customer.example>"), source="imap")
    answer = mail(sender=ALIAS, to="ada@customer.example", In_Reply_To="<ask@customer.example>")
    message = Message.objects.get(raw=take_over(company, answer))
    assert (message.direction, message.sender_address) == ("out", "hello@velonord.example")
    assert message.conversation == Message.objects.get(raw=asked).conversation
    assert customers() == {"ada@customer.example"}


def test_a_colleague_who_had_answered_became_a_customer(company: World) -> None:
    colleague = company.agent(Role.TEAM_LEAD).account.email
    sent = mail(sender=colleague, to=f"{colleague}, ada@customer.example")
    assert Message.objects.get(raw=take_over(company, sent)).direction == "out"
    assert customers() == {"ada@customer.example"}


def test_what_went_among_colleagues_alone_began_a_conversation(company: World) -> None:
    lead, other = (
        company.agent(Role.TEAM_LEAD).account.email,
        company.agent(Role.REPRESENTATIVE).account.email,
    )
    raw = take_over(company, mail(sender=lead, to=other))
    assert (raw.outcome, customers()) == (Outcome.NOTED, set())


def test_a_wrong_date_sank_an_old_mail_below_all_history(company: World) -> None:
    for number, date in enumerate(
        ["Thu, 01 Jan 1970 00:00:00 +0000", "Fri, 01 May 2020 10:00:00 +0000", "x"]
    ):
        raw = take_over(company, mail(text=f"{number}", Date=date), source="imap")
        message = Message.objects.get(raw=raw)
        conversation = message.conversation
        assert message.created_at == conversation.last_message_at == raw.received_at
        shown = Entry.objects.get(conversation=conversation, kind="message.received").occurred_at
        assert (shown.year == 2020) == (number == 1)
