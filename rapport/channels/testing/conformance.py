"""What every channel must do, as tests: a channel's own test class derives from ``Conformance``.

It gives a fixture ``subject`` that returns a ``Subject``; the tests then store, read and send through the
product's own queues, so that adapter, ingest and contract are tried together.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

from rapport.conversations.models import Conversation, Message
from rapport.customers.models import Customer
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.contract import Channel, OutgoingMessage, SendError
from rapport.inboxes.models import Inbox, Outcome, RawInbound
from rapport.inboxes.registry import channel
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.queues import queue

SCRIPTS = ("<script", "javascript:", "onerror", "onload", "<iframe", "<form", "<object")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The channel under test and real material of it."""

    channel: Channel
    inbox: Inbox
    message: Callable[[str, str, str], bytes]
    """Raw bytes of a message: its identity at the provider, its sender, its words."""
    answer: Callable[[str, str, str], bytes]
    """Raw bytes of a message that answers the one of the third argument."""
    oversized: bytes
    hostile: Sequence[bytes]
    outgoing: OutgoingMessage
    world: Callable[[str], AbstractContextManager[Callable[[], int]]]
    """A provider that is ``well``, or fails ``temporary`` or ``permanent``; yields how many it took."""


def store(subject: Subject, content: bytes) -> RawInbound:
    """Keep raw bytes as a receiver does."""
    return store_raw(inbox=subject.inbox, content=content, source="test")


def read_all() -> None:
    """Read every raw row that waits, as the worker does."""
    ingest = queue("ingest")
    while rows := claim(ingest.rows(), limit=50, lease=ingest.lease, worker="test", order=ingest.order):
        for row in rows:
            ingest.handler(row)


@pytest.mark.django_db
class Conformance:
    """The suite."""

    def test_it_is_registered_under_its_kind(self, subject: Subject) -> None:
        """Ingest and delivery find it."""
        assert type(channel(subject.channel.kind)) is type(subject.channel)
        assert subject.channel.label

    def test_a_message_of_an_unknown_customer_opens_a_conversation(self, subject: Subject) -> None:
        """A new person, one conversation, the words as they were."""
        store(subject, subject.message("m1", "stranger@example.org", "Where is my parcel?"))
        read_all()
        message = Message.objects.get()
        assert "Where is my parcel?" in message.text
        assert message.sender_address == "stranger@example.org"
        assert Customer.objects.count() == 1

    def test_a_duplicate_changes_nothing(self, subject: Subject) -> None:
        """Before and after the first was read."""
        content = subject.message("m1", "ann@example.org", "Hello")
        store(subject, content)
        store(subject, content)
        read_all()
        store(subject, content)
        read_all()
        assert (RawInbound.objects.count(), Message.objects.count()) == (1, 1)

    def test_an_answer_that_comes_before_its_question_is_not_lost(self, subject: Subject) -> None:
        """Both messages are there, whatever the order."""
        store(subject, subject.answer("m2", "ann@example.org", "m1"))
        read_all()
        store(subject, subject.message("m1", "ann@example.org", "Hello"))
        read_all()
        assert Message.objects.count() == 2

    def test_what_is_too_large_is_kept_and_says_why(self, subject: Subject) -> None:
        """Refused, with a reason, and the bytes still there."""
        raw = store(subject, subject.oversized)
        read_all()
        raw.refresh_from_db()
        assert (raw.outcome, bool(raw.reason), raw.size) == (Outcome.REFUSED, True, len(subject.oversized))
        assert not Conversation.objects.exists()

    def test_hostile_content_is_stored_and_harmless(self, subject: Subject) -> None:
        """Nothing raises, nothing is lost, no script reaches a screen."""
        for content in subject.hostile:
            store(subject, content)
        read_all()
        assert not RawInbound.objects.filter(outcome__in=(Outcome.WAITING, Outcome.POISON)).exists()
        for message in Message.objects.all():
            shown = f"{message.html}{message.quoted_html}{message.signature_html}".lower()
            assert not [each for each in SCRIPTS if each in shown]

    def test_one_bad_message_holds_up_no_good_one(self, subject: Subject) -> None:
        """Between hostile ones the good one arrives."""
        for content in (*subject.hostile, subject.message("m9", "ann@example.org", "Still here")):
            store(subject, content)
        read_all()
        assert Message.objects.filter(text__contains="Still here").count() == 1

    def test_parsing_is_repeatable(self, subject: Subject) -> None:
        """The same bytes give the same result."""
        content = subject.message("m1", "ann@example.org", "Hello")
        raw = store(subject, content)
        assert subject.channel.parse(content, raw) == subject.channel.parse(content, raw)

    def test_a_message_is_handed_over_once(self, subject: Subject) -> None:
        """Every recipient is accepted."""
        with subject.world("well") as taken:
            receipt = subject.channel.send(subject.outgoing, subject.inbox)
            assert taken() == 1
        assert receipt.recipients
        assert all(each.accepted for each in receipt.recipients)

    @pytest.mark.parametrize("failure", ["temporary", "permanent"])
    def test_failures_tell_whether_to_try_again(self, subject: Subject, failure: str) -> None:
        """By the right kind of ``SendError``, with words."""
        with subject.world(failure) as taken:
            with pytest.raises(SendError) as caught:
                subject.channel.send(subject.outgoing, subject.inbox)
            assert taken() == 0
        assert caught.value.permanent is (failure == "permanent")
        assert caught.value.reason

    def test_identities_are_new_and_only_our_tokens_are_ours(self, subject: Subject) -> None:
        """Tokens are signed."""
        made = [subject.channel.new_identity(subject.inbox) for _ in range(50)]
        assert len({identity for identity, _ in made}) == 50
        assert all(subject.channel.verify_token(token) for _, token in made)
        assert not subject.channel.verify_token(json.dumps(made[0][1]))
        assert not subject.channel.verify_token("")
