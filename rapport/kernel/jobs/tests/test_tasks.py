from datetime import timedelta

import pytest
from django.db import transaction

from rapport.kernel import clock
from rapport.kernel.jobs import leases, tasks, worker
from rapport.kernel.jobs.hold import held, hold, resume
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.jobs.queues import Queue, register_queue, unregister_queue
from rapport.kernel.jobs.schedule import Scheduler, cron

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(monkeypatch):
    monkeypatch.setattr(tasks, "_tasks", dict(tasks._tasks))
    return []


def test_a_job_runs_with_its_arguments_and_goes(calls):
    tasks.job("test.call")(lambda **args: calls.append(args))
    tasks.enqueue("test.call", number=3)
    assert worker.drain(["jobs"]) == 1
    assert calls == [{"number": 3}]
    assert not Job.objects.exists()


def test_an_unknown_job_is_refused_at_once():
    with pytest.raises(KeyError):
        tasks.enqueue("test.unheard")


def test_a_job_goes_with_the_transaction_that_asked_for_it(calls):
    tasks.job("test.call")(lambda: calls.append(1))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tasks.enqueue("test.call")
        raise ZeroDivisionError
    assert worker.drain(["jobs"]) == 0


def test_one_key_waits_once_but_may_be_asked_for_again_while_it_runs(calls):
    def again():
        calls.append(tasks.enqueue("test.again", unique_key="k") if len(calls) == 0 else None)

    tasks.job("test.again")(again)
    assert tasks.enqueue("test.again", unique_key="k")
    assert not tasks.enqueue("test.again", unique_key="k")
    assert worker.drain(["jobs"]) == 2
    assert calls == [True, None]


def test_a_failing_job_tries_again_and_then_waits_for_a_person(calls):
    def fail():
        calls.append(1)
        raise ValueError("broken")

    tasks.job("test.fail")(fail)
    tasks.enqueue("test.fail")
    at = clock.now()
    for day in range(20):
        with clock.travel(at + timedelta(days=day)):
            worker.drain(["jobs"])
    row = Job.objects.get()
    assert (row.state, row.last_error, len(calls)) == (
        State.FAILED,
        "ValueError: broken",
        tasks.JOBS.max_attempts,
    )


def test_giving_up_makes_a_dead_letter_at_once(calls):
    def give_up():
        raise leases.GiveUp("there is no such thing")

    tasks.job("test.give_up")(give_up)
    tasks.enqueue("test.give_up")
    worker.drain(["jobs"])
    assert Job.objects.get().state == State.FAILED


def test_a_row_that_kills_its_process_ends_as_dead_letter(calls):
    tasks.job("test.call")(lambda: calls.append(1))
    tasks.enqueue("test.call")
    Job.objects.update(attempts=tasks.JOBS.max_attempts)
    worker.drain(["jobs"])
    assert Job.objects.get().state == State.FAILED
    assert calls == []


def test_two_schedulers_add_a_tick_once(calls, monkeypatch):
    monkeypatch.setattr("rapport.kernel.jobs.schedule._crons", {})
    cron("test.tick", timedelta(minutes=5))(lambda: calls.append(1))
    at = clock.now()
    first, second = Scheduler(), Scheduler()
    with clock.travel(at):
        assert first.add_due() == ["test.tick"]
        assert second.add_due() == []
        assert first.add_due() == []
        worker.drain(["jobs"])
        assert Scheduler().add_due() == []
    with clock.travel(at + timedelta(minutes=5)):
        assert second.add_due() == ["test.tick"]
        worker.drain(["jobs"])
    assert len(calls) == 2
    with clock.travel(at + timedelta(days=3)):
        assert tasks.forget_ticks() == 2


def test_a_restored_copy_holds_what_goes_outward(calls):
    queue = Queue(name="test.out", model=Job, handler=lambda row: calls.append(row.pk), outward=True)
    register_queue(queue)
    try:
        Job.objects.create(name="test.out")
        hold("restored")
        assert held()
        assert worker.drain(["test.out"]) == 0
        assert resume()
        assert not resume()
        assert worker.drain(["test.out"]) == 1
    finally:
        unregister_queue("test.out")
