"""The demo company as it stands in the database: the story, its truths, its settled past."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from rapport.canned_replies.models import CannedReply
from rapport.conversations.models import Conversation, Delivery, Entry, Message
from rapport.customers.models import Identity
from rapport.demo import run
from rapport.demo.build import build
from rapport.demo.models import Built
from rapport.demo.story import Story, tell
from rapport.demo.story.model import MailIn, Reply
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.kernel.search.models import Document
from rapport.kernel.stream.models import PendingReaction
from rapport.notifications.models import Notification
from rapport.staff.models import Agent

pytestmark = pytest.mark.django_db
UNTIL = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def silent(_text: str) -> None:
    """Say nothing."""


def told() -> Story:
    """Return the story without most of its ordinary conversations; everything planted is there."""
    story = tell(UNTIL.date(), until=UNTIL)
    recent = UNTIL - 120 * DAY
    kept = [
        talk
        for number, talk in enumerate(story.conversations)
        if talk.truth
        or talk.status not in {"solved", "closed"}
        or (talk.inbox == "zweitgang-sell" and talk.first.at > recent)
        or number % 100 == 0
    ]
    return replace(story, conversations=tuple(kept))


class Standing:
    """What the tests look at."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.truths = story.truths
        found = Message.objects.filter(direction="in").select_related("conversation").order_by("pk")
        first: dict[tuple[str, datetime], Conversation] = {}
        for message in found:
            first.setdefault((message.sender_address, message.created_at), message.conversation)
        self.of = {talk.key: first[talk.first.from_address, talk.first.at] for talk in story.conversations}

    def planted(self, prefix: str) -> list[Conversation]:
        return [conversation for key, conversation in self.of.items() if key.startswith(prefix)]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    story = told()
    with django_db_blocker.unblock(), transaction.atomic():
        build(story, seed=1, say=silent)
        yield Standing(story)
        transaction.set_rollback(True)


def words_of(conversations) -> dict[int, str]:
    texts: dict[int, str] = {}
    for message in Message.objects.filter(conversation__in=conversations):
        texts[message.conversation_id] = (
            f"{texts.get(message.conversation_id, '')} {message.subject} {message.text}"
        )
    return texts


def test_every_conversation_stands_where_the_story_left_it(built):
    failed = set(Conversation.objects.filter(delivery_failed=True).values_list("pk", flat=True))
    assert len(failed) == 2
    (answered,) = Entry.objects.filter(kind="side.received").values_list("conversation_id", flat=True)
    addresses = {person.key: person.email for person in built.story.staff}
    kinds = {"technical_problem": "technical"}
    for talk in built.story.conversations:
        conversation = Conversation.objects.get(pk=built.of[talk.key].pk)
        assert conversation.spam is talk.spam, talk.key
        assert conversation.snoozed_until == talk.snoozed_until, talk.key
        if talk.assignee:
            assert conversation.assignee.account.email == addresses[talk.assignee], talk.key
        assert str(conversation.get_priority_display()).lower() == talk.priority, talk.key
        if conversation.pk in failed:
            assert (talk.status, conversation.status) == ("waiting", "open")
        elif conversation.pk == answered:
            assert (talk.status, conversation.status) == ("on_hold", "open")
        else:
            assert conversation.status == talk.status, talk.key
        if conversation.kind:
            assert conversation.kind == kinds.get(talk.kind, talk.kind), talk.key


def test_messages_have_the_times_and_numbers_of_the_story(built):
    for talk in built.story.conversations:
        stored = Message.objects.filter(conversation=built.of[talk.key]).order_by("created_at")
        expected = [event.at for event in talk.events if isinstance(event, MailIn | Reply)]
        assert list(stored.values_list("created_at", flat=True)) == expected, talk.key
    assert not Entry.objects.filter(occurred_at__gt=UNTIL).exists()
    assert set(Entry.objects.exclude(origin="demo").values_list("kind", flat=True)) == {"call.logged"}


def test_the_past_is_settled_and_starts_nothing(built):
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done", "failed"}
    assert Delivery.objects.filter(state="failed").count() == 2
    assert not Delivery.objects.filter(state="done", sent_at=None).exists()
    assert not RawInbound.objects.exclude(state="done").exists()
    assert not PendingReaction.objects.exists()
    assert not Conversation.objects.exclude(origin="live").exists()


def test_trays_bells_and_calls_have_something_in_them(built):
    outcomes = [
        RawInbound.objects.filter(outcome=each).count() for each in (Outcome.QUARANTINED, Outcome.REFUSED)
    ]
    assert outcomes == [2, 1]
    assert not RawInbound.objects.filter(outcome=Outcome.POISON).exists()
    assert Notification.objects.filter(read_at=None).exists()
    assert Entry.objects.filter(kind="call.logged").count() == 3
    assert Entry.objects.filter(kind="side.sent").count() == 2


def test_everything_can_be_found(built):
    assert Document.objects.filter(kind="message").count() == Message.objects.count()


def test_the_carrier_strike_can_be_counted(built):
    truth = built.truths["carrier_strike"]
    conversations = built.planted(truth["key_prefix"])
    assert len(conversations) == truth["conversations"]
    naming = [text for text in words_of(conversations).values() if truth["carrier"].lower() in text.lower()]
    assert len(naming) >= truth["naming_the_carrier"]
    for conversation in conversations:
        assert (
            truth["contacts_to"] - 1 <= (UNTIL - conversation.created_at).days <= truth["contacts_from"] + 1
        )


def test_the_defective_batch_is_in_what_customers_wrote(built):
    truth = built.truths["defective_batch"]
    conversations = built.planted(truth["key_prefix"])
    assert len(conversations) == truth["conversations"]
    naming = [text for text in words_of(conversations).values() if truth["batch"] in text]
    assert len(naming) >= truth["naming_batch"]


def test_the_needy_customer_is_one_person_with_all_her_contacts(built):
    truth = built.truths["needy_customer"]
    people = {conversation.customer_id for conversation in built.planted(truth["key_prefix"])}
    assert len(people) == 1
    assert Conversation.objects.filter(customer__in=people).count() == truth["contacts"]


def test_the_packer_is_praised_by_several_customers(built):
    truth = built.truths["praised_packer"]
    conversations = built.planted(truth["key_prefix"])
    texts = words_of(conversations)
    assert len([text for text in texts.values() if truth["name"] in text]) == truth["conversations"]
    assert len({conversation.customer_id for conversation in conversations}) == truth["customers"]


def test_the_silent_inbox_is_silent(built):
    truth = built.truths["silent_inbox"]
    story_inbox = next(box for box in built.story.inboxes if box.key == truth["inbox"])
    came = RawInbound.objects.filter(inbox=Inbox.objects.get(address=story_inbox.address))
    last = came.latest("received_at").received_at
    assert (UNTIL - last).days >= truth["last_mail_day"] - 1
    assert came.filter(received_at__gt=last - 90 * DAY).count() >= truth["mails_at_least_in_90_days_before"]


def test_the_fading_customer_was_last_heard_of_long_ago(built):
    truth = built.truths["fading_customer"]
    person = next(each for each in built.story.customers if each.key == truth["customer"])
    customer = Identity.objects.get(value=person.email.lower()).customer
    last = Message.objects.filter(customer=customer).latest("created_at").created_at
    assert abs((UNTIL - last).days - truth["last_contact_day"]) <= 1


def test_a_second_start_builds_nothing(built):
    before = Entry.objects.count()
    lines = run.prepare()
    assert Entry.objects.count() == before
    assert Built.objects.count() == 1
    table = "\n".join(lines)
    for agent in Agent.objects.select_related("account"):
        assert f"{agent.name}" in table
        assert agent.account.email in table
        assert agent.account.check_password(run.PASSWORD)


def test_both_brands_have_canned_replies_in_two_languages(built):
    offered = CannedReply.objects.select_related("brand")
    assert {(reply.brand.name if reply.brand else "", reply.language) for reply in offered} == {
        (brand, language) for brand in ("", "Landstrich", "Zweitgang") for language in ("de", "en")
    }


def test_every_inbox_knows_its_last_mail(built):
    for inbox in Inbox.objects.all():
        newest = RawInbound.objects.filter(inbox=inbox).latest("received_at").received_at
        assert inbox.last_received_at == newest, inbox.name
