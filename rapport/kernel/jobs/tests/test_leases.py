from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rapport.kernel import clock
from rapport.kernel.jobs import leases, worker
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.jobs.queues import Queue

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def add(**columns):
    return Job.objects.create(name="test.nothing", **columns)


def take(limit=10, worker="w/1", order=("run_at", "id")):
    return leases.claim(Job.objects.all(), limit=limit, lease=MINUTE, worker=worker, order=order)


def test_a_row_is_claimed_once_and_counts_the_attempt():
    row = add()
    (claimed,) = take()
    assert (claimed.pk, claimed.state, claimed.attempts, claimed.worker) == (row.pk, State.RUNNING, 1, "w/1")
    assert clock.now() < claimed.lease_until <= clock.now() + MINUTE
    assert take(worker="w/2") == []


def test_claims_come_in_order_up_to_the_limit():
    now = clock.now()
    late, early, middle = (add(run_at=now - timedelta(seconds=age)) for age in (1, 9, 5))
    assert [row.pk for row in take(limit=2)] == [early.pk, middle.pk]
    assert [row.pk for row in take(limit=2)] == [late.pk]


def test_the_future_and_narrower_querysets_are_respected():
    add(run_at=clock.now() + MINUTE)
    other = Job.objects.create(name="test.other")
    assert [
        row.pk
        for row in leases.claim(Job.objects.filter(name="test.other"), limit=9, lease=MINUTE, worker="a")
    ] == [other.pk]
    assert take() == []


def test_a_lost_lease_changes_nothing():
    add()
    (mine,) = take(worker="w/1")
    Job.objects.update(lease_until=clock.now() - MINUTE)
    assert leases.requeue_expired(Job) == 1
    (theirs,) = take(worker="w/2")
    assert not leases.finish(mine)
    assert not leases.retry_later(mine, "late", backoff=MINUTE)
    assert not leases.fail(mine, "late")
    assert not leases.remove(mine)
    assert leases.finish(theirs)
    assert Job.objects.get().state == State.DONE


def test_retry_later_waits_and_keeps_the_reason():
    add()
    (row,) = take()
    assert leases.retry_later(row, "the server is away", backoff=MINUTE)
    assert take() == []
    with clock.travel(clock.now() + 2 * MINUTE):
        (again,) = take()
    assert (again.attempts, again.last_error) == (2, "the server is away")


def test_extending_moves_the_end_of_the_lease():
    add()
    rows = take()
    leases.extend(rows, lease=timedelta(hours=1))
    assert Job.objects.get().lease_until > clock.now() + timedelta(minutes=50)


def test_a_released_row_did_not_use_an_attempt():
    add()
    (row,) = take()
    leases.release([row])
    (again,) = take()
    assert again.attempts == 1


def test_dead_letters_live_again_on_demand():
    add()
    (row,) = take()
    leases.fail(row, "no such address")
    assert take() == []
    assert leases.retry_now(Job.objects.all()) == 1
    (again,) = take()
    assert again.attempts == 1


def test_rows_of_a_dead_process_go_back_and_others_stay():
    add()
    add()
    take(limit=1, worker="host-1-aa/jobs/0")
    take(limit=1, worker="host-2-bb/jobs/0")
    assert leases.requeue_of(Job, "host-1-aa") == 1
    assert Job.objects.filter(state=State.RUNNING).get().worker.startswith("host-2")


def test_backoff_doubles_with_jitter_up_to_an_hour():
    for attempts in range(1, 40):
        longest = min(2.0**attempts, 3600)
        assert longest / 2 <= leases.backoff(attempts).total_seconds() <= longest
    assert len({leases.backoff(5) for _ in range(20)}) > 10


@pytest.mark.parametrize("settle", [leases.finish, leases.remove])
def test_a_row_that_its_handler_had_settled_was_settled_again(settle):
    add()
    (row,) = take()
    with CaptureQueriesContext(connection) as asked:
        worker.run_row(Queue(name="test", model=Job, handler=settle), row)
    writing = [each["sql"] for each in asked if each["sql"].startswith(("UPDATE", "DELETE"))]
    assert len(writing) == 1
