"""A worker whose lease ran out writes nothing over what another one does."""

import pytest

from rapport.channels.ingest.decide import retry
from rapport.channels.ingest.queue import MAX_ATTEMPTS, handle
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawInbound
from rapport.kernel.files.storage import path_of
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import queue
from rapport.kernel.jobs.worker import drain
from rapport.kernel.sentences import heard
from tests import world
from tests.world import mail

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("taken", "outcome"), [("two", Outcome.WAITING), ("", Outcome.PARSED), ("one", Outcome.POISON)]
)
def test_a_late_worker_called_a_mail_unreadable_that_another_one_had(taken: str, outcome: Outcome) -> None:
    raw = store_raw(inbox=world.build().inbox, content=mail(text="z" * 90_000), source="pipe")
    ingesting = queue("ingest")
    [late] = claim(ingesting.rows(), limit=1, lease=ingesting.lease, worker="one", order=ingesting.order)
    late.attempts = MAX_ATTEMPTS
    if taken != "one":
        state = State.RUNNING if taken else State.DONE
        RawInbound.objects.filter(pk=raw.pk).update(worker=taken, state=state, outcome=outcome)
    assert raw.file is not None
    path = path_of(raw.file.key)
    away = path.rename(path.with_suffix(".away"))
    handle(late)
    away.rename(path)
    raw.refresh_from_db()
    assert (raw.worker, raw.outcome) == ("" if taken == "one" else taken, outcome)


def test_a_mail_that_kills_its_reader_each_time_stood_in_no_tray() -> None:
    raw = store_raw(inbox=world.build().inbox, content=mail(), source="pipe")
    RawInbound.objects.filter(pk=raw.pk).update(attempts=MAX_ATTEMPTS)
    drain({"ingest"})
    raw.refresh_from_db()
    assert (raw.state, raw.outcome) == (State.FAILED, Outcome.POISON)
    assert "ended the program" in heard(raw.reason)
    retry(raw=raw)
    drain({"ingest"})
    raw.refresh_from_db()
    assert raw.outcome == Outcome.PARSED
