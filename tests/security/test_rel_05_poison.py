"""REL-05: broken mails among good ones. The good arrive; each broken one is kept, explained, tried again."""

import os
import random
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from rapport.channels.ingest.content import content_of
from rapport.channels.ingest.queue import MAX_ATTEMPTS
from rapport.conversations.models import Message
from rapport.inboxes.actions.store_raw import store_raw
from rapport.inboxes.models import Outcome, RawBody, RawInbound
from rapport.kernel import clock
from rapport.kernel.files.storage import path_of
from rapport.kernel.jobs.leases import claim
from rapport.kernel.jobs.models import State
from rapport.kernel.jobs.queues import queue
from rapport.kernel.jobs.schedule import Scheduler
from rapport.kernel.jobs.worker import drain, run_row
from rapport.kernel.sentences import say
from rapport.notifications.models import About, Notification
from rapport.staff.roles import Role
from tests.security.acting import SCRIPT, signed_in
from tests.world import World, mail

pytestmark = pytest.mark.django_db
LONG = bool(os.environ.get("RAPPORT_LONG_TESTS"))
EACH = 2000 if LONG else 200
AT_ONCE = 10
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
SEED = 20_260


def fuzzed(rng: random.Random, number: int) -> bytes:
    """A mail that was broken in one of eight ways."""
    good = mail(
        sender=f"bad{number}@customer.example", subject=f"bad {number}", text="x" * rng.randrange(2000)
    )
    way = number % 8
    if way == 0:
        return rng.randbytes(rng.randrange(1, 4000)) + b"%d" % number
    if way == 1:
        return good[: rng.randrange(1, len(good))]
    if way == 2:
        broken = bytearray(good)
        for _ in range(60):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        return bytes(broken)
    if way == 3:
        edges = b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(80)
        )
        return b"From: bad%d@customer.example\nMIME-Version: 1.0\n" % number + edges
    if way == 4:
        return b"From: bad%d@customer.example\n" % number + b"--b\nX: y\n\n\n" * 1200 + rng.randbytes(40)
    if way == 5:
        charset = rng.choice(
            [b"x-unknown", b"utf-7", b"idna", b"base64", b"\xff", b"rot13", b"hz", b"unicode_escape"]
        )
        head = b"From: =?%s?Q?=ff?= <bad%d@customer.example>\nSubject: =?%s?B?!!!?=\n" % (
            charset,
            number,
            charset,
        )
        return head + b"Content-Type: text/plain; charset=%s\n\n\xff\xfe+ADw-" % charset
    if way == 6:
        return (
            b"From: bad%d@customer.example\nSubject: %s\n\n" % (number, b"\x00\r\r\n" * 200) + b"\x00" * 500
        )
    return b"To: %s\nFrom: bad%d@customer.example\n\nx" % (b"a@b.example, " * 1500, number)


def work() -> None:
    """Work as the worker does, until nothing is left to try again."""
    for hours in range(0, 12, 2):
        with clock.travel(clock.now() + timedelta(hours=hours)):
            drain(("ingest",))


def test_broken_mails_hold_up_no_good_one(company: World) -> None:
    rng = random.Random(SEED)
    stored = {}
    for number in range(EACH):
        bad = fuzzed(rng, number)
        stored[store_raw(inbox=company.inbox, content=bad, source="pipe").pk] = bad
        good = mail(
            sender=f"good{number}@customer.example", subject=f"good {number}", text=f"good words {number}"
        )
        store_raw(inbox=company.inbox, content=good, source="pipe")
    work()
    assert Message.objects.filter(sender_address__startswith="good").count() == EACH
    assert (
        Message.objects.filter(subject__startswith="good ").values("conversation").distinct().count() == EACH
    )
    rows = RawInbound.objects.select_related("file").in_bulk(stored)
    # Two that were cut off after the same few bytes are one and the same mail.
    assert len(rows) == len(stored) == len(set(stored.values()))
    assert len(rows) > 0.99 * EACH
    for pk, row in rows.items():
        assert row.outcome != Outcome.WAITING, row.pk
        assert row.outcome == Outcome.PARSED or row.reason, row.outcome
        assert content_of(row) == stored[pk]
    assert {Outcome.PARSED, Outcome.REFUSED} <= {row.outcome for row in rows.values()}
    pages = signed_in(company.agent(Role.ADMINISTRATOR)).get("/trays/refused").content.decode()
    for row in [row for row in rows.values() if row.outcome in {Outcome.REFUSED, Outcome.POISON}][-20:]:
        assert f"/trays/{row.pk}/decision" in pages


def bell(company: World, role: Role = Role.TEAM_LEAD) -> list[str]:
    """Return what the bell of this role tells of inboxes."""
    lines = Notification.objects.filter(agent=company.agent(role), about=About.INBOX)
    return list(lines.order_by("pk").values_list("once", flat=True))


def by_the_clock(minute: int) -> None:
    """Do what the clock asks for at this minute after noon."""
    with clock.travel(NOON + timedelta(minutes=minute)):
        Scheduler().add_due()
        drain(("jobs",))


def refused(company: World, number: int) -> RawInbound:
    row = store_raw(inbox=company.inbox, content=fuzzed(random.Random(SEED), 8 * number + 3), source="pipe")
    drain(("ingest",))
    row.refresh_from_db()
    assert row.outcome == Outcome.REFUSED
    return row


def test_a_mail_that_could_not_be_taken_in_alarmed_nobody(company: World) -> None:
    by_the_clock(0)
    assert bell(company) == []
    with clock.travel(NOON):
        refused(company, 1)
    by_the_clock(1)
    for role in (Role.TEAM_LEAD, Role.ADMINISTRATOR):
        assert len(bell(company, role)) == 1
    assert bell(company, Role.REPRESENTATIVE) == []
    with clock.travel(NOON + timedelta(minutes=10)):
        refused(company, 2)
    by_the_clock(11)
    assert len(bell(company)) == 1
    with clock.travel(NOON + timedelta(hours=2)):
        refused(company, 3)
    by_the_clock(121)
    assert len(bell(company)) == 2


def test_the_alarm_ends_when_the_mails_are_decided_about(company: World) -> None:
    with clock.travel(NOON):
        refused(company, 1)
        refused(company, 2)
    by_the_clock(1)
    client = signed_in(company.agent(Role.ADMINISTRATOR))
    for address in ("/settings/inboxes", "/notifications"):
        assert "2 mails could not be taken in" in client.get(address).content.decode()
    for each in RawInbound.objects.filter(outcome=Outcome.REFUSED):
        client.post(f"/trays/{each.pk}/decision", {"act": "dismiss"}, headers=SCRIPT)
    for address in ("/settings/inboxes", "/notifications"):
        assert "could not be taken in" not in client.get(address).content.decode()


def test_a_mail_that_ended_the_program_alarmed_nobody(company: World) -> None:
    with clock.travel(NOON):
        row = store_raw(inbox=company.inbox, content=mail(text="z" * 90_000), source="pipe")
        assert row.file is not None
        path = path_of(row.file.key)
        away = path.rename(path.with_suffix(".away"))
        for _attempt in range(MAX_ATTEMPTS):
            drain(("ingest",))
            RawInbound.objects.filter(state=State.QUEUED).update(run_at=clock.now())
    away.rename(path)
    assert RawInbound.objects.get().outcome == Outcome.POISON
    by_the_clock(1)
    assert len(bell(company)) == 1


def waits(company: World, mails: list[tuple[bool, bytes]]) -> list[float]:
    """Return how many seconds each good mail waited that came together with the others of its ten."""
    ingest, found = queue("ingest"), []
    for start in range(0, len(mails), AT_ONCE):
        together = mails[start : start + AT_ONCE]
        good = {
            store_raw(inbox=company.inbox, content=content, source="pipe").pk: is_good
            for is_good, content in together
        }
        began = time.perf_counter()
        while rows := claim(
            ingest.rows(), limit=AT_ONCE, lease=ingest.lease, worker="test/1", order=ingest.order
        ):
            for row in rows:
                run_row(ingest, row)
                if good[row.pk]:
                    found.append(time.perf_counter() - began)
    return found


@pytest.mark.skipif(not LONG, reason="RAPPORT_LONG_TESTS is not set")
def test_good_mails_wait_at_most_twice_as_long_among_broken_ones(company: World) -> None:
    def good(name: str, number: int) -> tuple[bool, bytes]:
        return True, mail(sender=f"{name}{number}@customer.example", subject=f"{name} {number}")

    rng = random.Random(SEED)
    alone = waits(company, [good("alone", number) for number in range(2 * EACH)])
    mixed = [each for number in range(EACH) for each in ((False, fuzzed(rng, number)), good("among", number))]
    among = waits(company, mixed)
    assert len(among) == EACH
    p95 = [statistics.quantiles(each, n=20)[-1] for each in (alone, among)]
    print(f"good mails: p95 {p95[0] * 1000:.0f} ms alone, {p95[1] * 1000:.0f} ms among broken ones")
    assert p95[1] <= 2 * p95[0]


def decide(company: World, row: RawInbound, act: str) -> RawInbound:
    client = signed_in(company.agent(Role.TEAM_LEAD))
    assert client.post(f"/trays/{row.pk}/decision", {"act": act}, headers=SCRIPT).status_code == 204
    work()
    return RawInbound.objects.get(pk=row.pk)


def test_a_refused_mail_is_read_once_the_limits_allow_it(
    company: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = replace(settings.ENVIRONMENT, mail_max_bytes=1000)
    with monkeypatch.context() as patch:
        patch.setattr(settings, "ENVIRONMENT", strict)
        row = store_raw(inbox=company.inbox, content=mail(text="y" * 5000), source="pipe")
        work()
        row.refresh_from_db()
        assert row.outcome == Outcome.REFUSED
        assert row.reason
        assert decide(company, row, "retry").outcome == Outcome.REFUSED
    assert decide(company, row, "retry").outcome == Outcome.PARSED
    assert Message.objects.get(raw=row).text.startswith("yyy")


def test_a_mail_whose_bytes_cannot_be_read_is_kept_and_tried_again(company: World) -> None:
    """The disk may be away for a while: the row says so, and a retry reads it when it is back."""
    row = store_raw(inbox=company.inbox, content=mail(text="z" * 90_000), source="pipe")
    other = store_raw(inbox=company.inbox, content=mail(sender="b@customer.example"), source="pipe")
    assert row.file is not None
    path = path_of(row.file.key)
    away = path.rename(path.with_suffix(".away"))
    work()
    row.refresh_from_db()
    assert row.outcome == Outcome.POISON
    assert "kept" in say(row.reason)
    assert row.state == State.FAILED
    assert RawInbound.objects.get(pk=other.pk).outcome == Outcome.PARSED
    away.rename(path)
    assert decide(company, row, "retry").outcome == Outcome.PARSED
    assert RawBody.objects.filter(raw=other).exists()
