import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, models, transaction

from rapport.kernel import clock
from rapport.kernel.jobs import worker
from rapport.kernel.stream import kinds, reactions
from rapport.kernel.stream.append import Actor, OutsideTransaction, append
from rapport.kernel.stream.kinds import Audience, Kind, register_kind
from rapport.kernel.stream.models import ActorKind, Origin, PendingReaction, StreamEntry


class Thread(models.Model):
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "stream"
        db_table = "test_thread"


class ThreadEntry(StreamEntry):
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE)
    weight = models.IntegerField(default=7)

    class Meta:
        app_label = "stream"
        db_table = "test_threadentry"
        constraints = [models.UniqueConstraint(fields=["thread", "seq"], name="test_seq_once")]


class Colour(enum.StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Fact:
    number: int
    colour: Colour = Colour.RED
    at: datetime | None = None
    ids: tuple[int, ...] = ()


@pytest.fixture(autouse=True)
def registries(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", {})
    monkeypatch.setattr(reactions, "_reactions", {})
    reactions._owed.cache_clear()
    register_kind("thread", Kind("happened", Fact, Audience.PUBLIC, "it happened"))
    yield
    reactions._owed.cache_clear()


@pytest.fixture
def thread(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Thread)
        editor.create_model(ThreadEntry)
    yield Thread.objects.create()
    with connection.schema_editor() as editor:
        editor.delete_model(ThreadEntry)
        editor.delete_model(Thread)


def add(thread, number=1, **more):
    with transaction.atomic():
        return append(ThreadEntry, thread, "happened", Fact(number=number), **more)


def test_entries_are_numbered_and_typed(thread):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with transaction.atomic():
        first = append(
            ThreadEntry,
            thread,
            "happened",
            Fact(number=5, at=at, ids=(1, 2)),
            actor=Actor(ActorKind.AGENT, 9),
            weight=3,
        )
        second = append(
            ThreadEntry, thread, "happened", Fact(number=6), audience=Audience.INTERNAL, caused_by=first
        )
    assert (first.seq, second.seq, thread.last_seq) == (1, 2, 2)
    stored = ThreadEntry.objects.get(pk=first.pk)
    assert (stored.actor_kind, stored.actor_id, stored.audience, stored.weight) == ("agent", 9, "public", 3)
    assert kinds.from_json(kinds.kind("happened"), stored.payload) == Fact(number=5, at=at, ids=(1, 2))
    assert ThreadEntry.objects.get(pk=second.pk).caused_by == first.pk
    assert ThreadEntry.objects.get(pk=second.pk).audience == "internal"


def test_numbers_have_no_gap_after_a_rollback(thread):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        append(ThreadEntry, thread, "happened", Fact(number=1))
        raise ZeroDivisionError
    assert add(thread).seq == 1


def test_appending_needs_a_transaction_a_known_kind_and_its_payload(thread):
    with pytest.raises(OutsideTransaction):
        append(ThreadEntry, thread, "happened", Fact(number=1))
    with transaction.atomic(), pytest.raises(kinds.UnknownKind):
        append(ThreadEntry, thread, "unheard", Fact(number=1))
    with transaction.atomic(), pytest.raises(TypeError):
        append(ThreadEntry, thread, "happened", object())


def test_words_are_refused_in_payloads():
    @dataclass(frozen=True)
    class Wordy:
        subject: str

    @dataclass(frozen=True)
    class Nested:
        tags: tuple[str, ...]

    for payload in (Wordy, Nested):
        with pytest.raises(TypeError):
            register_kind("thread", Kind("wordy", payload, Audience.PUBLIC, ""))
    with pytest.raises(ValueError, match="twice"):
        register_kind("other", Kind("happened", Fact, Audience.PUBLIC, "otherwise"))


def test_without_reactions_nothing_is_owed(thread):
    add(thread)
    assert not PendingReaction.objects.exists()


def test_reactions_run_after_commit(thread):
    seen = []
    reactions.reacts_to("happened")(lambda entry: seen.append(entry.seq))
    add(thread)
    add(thread)
    assert seen == []
    assert worker.drain(["reactions"]) == 2
    assert seen == [1, 2]
    assert not PendingReaction.objects.exists()


def test_a_failing_reaction_gets_a_row_of_its_own(thread):
    seen, broken = [], [True]

    def good(entry):
        seen.append(("good", entry.seq))

    def bad(entry):
        if broken:
            raise ValueError("not yet")
        seen.append(("bad", entry.seq))

    reactions.reacts_to("happened")(bad)
    reactions.reacts_to("happened")(good)
    add(thread)
    worker.drain(["reactions"])
    assert seen == [("good", 1)]
    row = PendingReaction.objects.get()
    assert row.reaction.endswith("bad")
    assert row.run_at > clock.now()
    with clock.travel(clock.now() + timedelta(hours=1)):
        worker.drain(["reactions"])
    row.refresh_from_db()
    assert row.last_error == "ValueError: not yet"
    broken.clear()
    with clock.travel(clock.now() + timedelta(hours=3)):
        worker.drain(["reactions"])
    assert seen == [("good", 1), ("bad", 1)]
    assert not PendingReaction.objects.exists()


def test_imports_start_only_what_asked_for_them(thread):
    seen = []
    reactions.reacts_to("happened")(lambda entry: seen.append("live"))

    def projection(entry):
        seen.append("import")

    add(thread, origin=Origin.IMPORT)
    assert worker.drain(["reactions"]) == 0
    reactions.reacts_to("happened", on_import=True)(projection)
    add(thread, origin=Origin.IMPORT)
    worker.drain(["reactions"])
    assert seen == ["import"]


def test_only_projections_are_replayed(thread):
    seen = []

    def notify(entry):
        seen.append("notified")

    def project(entry):
        seen.append(entry.seq)

    for _number in range(5):
        add(thread)
    reactions.reacts_to("happened")(notify)
    reactions.reacts_to("happened", replay=True)(project)
    assert reactions.replay(ThreadEntry, batch=2) == 5
    assert seen == [1, 2, 3, 4, 5]


def test_a_reaction_that_failed_in_the_middle_left_half_of_its_work(thread):
    def half(entry):
        Thread.objects.create(last_seq=77)
        raise ValueError(entry.pk)

    def whole(_entry):
        Thread.objects.create(last_seq=88)

    reactions.reacts_to("happened")(half)
    reactions.reacts_to("happened")(whole)
    add(thread)
    worker.drain({"reactions"})
    assert not Thread.objects.filter(last_seq=77).exists()
    assert Thread.objects.filter(last_seq=88).count() == 1
    assert PendingReaction.objects.exclude(reaction="").get().reaction.endswith("half")


def test_reacting_and_forgetting_were_two_commits(thread):
    seen = []

    @reactions.reacts_to("happened")
    def look(_entry):
        seen.append((connection.in_atomic_block, PendingReaction.objects.filter(state="running").count()))

    add(thread)
    worker.drain({"reactions"})
    assert seen == [(True, 1)]
    assert not PendingReaction.objects.exists()


def test_work_whose_lease_was_lost_was_kept(thread):
    @reactions.reacts_to("happened")
    def slow(_entry):
        Thread.objects.create(last_seq=77)

    add(thread)
    PendingReaction.objects.update(state="running", worker="another")
    row = PendingReaction.objects.get()
    row.worker = "former"
    worker.run_row(reactions.REACTIONS, row)
    assert not Thread.objects.filter(last_seq=77).exists()
    assert PendingReaction.objects.get().state == "running"
