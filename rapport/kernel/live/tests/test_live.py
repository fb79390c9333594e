import threading
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections, transaction

from rapport.kernel import clock
from rapport.kernel.live import hub, retention, topics
from rapport.kernel.live.models import LiveSignal
from rapport.kernel.live.signal import signal, signal_all
from rapport.kernel.live.tail import newest_id
from rapport.kernel.live.tests.server import Events, LiveServer, post, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(topics, "_topics", {})
    monkeypatch.setattr(topics, "_identity", [])
    topics.register_identity(lambda account_id: account_id + 1000)
    topics.register_topic("thing", may_subscribe=lambda account_id, number: number < 100)


@pytest.fixture
def server(transactional_db):
    with LiveServer() as running:
        yield running


def test_a_signal_reaches_its_subscribers_after_the_commit(server):
    _account, cookie = sign_in()
    with Events(server.port, "thing:1", cookie) as one, Events(server.port, "thing:2", cookie) as other:
        assert (one.status, one.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert one.headers["x-accel-buffering"] == "no"
        one.until("ready")
        other.until("ready")
        with transaction.atomic():
            signal("thing:1", 17)
            signal_all([("thing:2", 5), ("thing:3", 6)])
        name, _number, data = one.next()
        assert (name, data) == ("message", {"topic": "thing:1", "seq": 17})
        assert other.next()[2] == {"topic": "thing:2", "seq": 5}


def test_strangers_and_foreign_topics_are_refused(server):
    _account, cookie = sign_in()
    for asked, status in (("thing:1", 401), ("", 400)):
        with Events(server.port, asked) as events:
            assert events.status == status
    for foreign in ("thing:100", "other:1", "thing:1:revoked", "thing:%", "thing:*", "agent:1:revoked"):
        with Events(server.port, foreign, cookie) as events:
            assert events.status == 403
    with Events(server.port, "thing:1,thing:500", cookie) as events:
        assert events.until("refused")[2] == {"topic": "thing:500"}
        events.until("ready")
        signal("thing:500", 1)
        signal("thing:1", 2)
        assert events.next()[2] == {"topic": "thing:1", "seq": 2}


def test_an_account_without_an_active_agent_is_refused(server):
    _account, cookie = sign_in()
    topics.register_identity(lambda account_id: None)
    with Events(server.port, "thing:1", cookie) as events:
        assert events.status == 401


def test_other_hosts_and_origins_are_refused(server):
    _account, cookie = sign_in()
    for headers in (
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        with Events(server.port, "thing:1", cookie, headers=headers) as events:
            assert events.status == 403


def test_a_stream_resumes_where_it_was(server):
    _account, cookie = sign_in()
    with Events(server.port, "thing:1", cookie) as events:
        events.until("ready")
        signal("thing:1", 1)
        last = events.next()[1]
    # Old enough for PostgreSQL not to repeat it as a possibly late commit.
    LiveSignal.objects.update(at=clock.now() - timedelta(minutes=5))
    signal_all([("thing:1", 2), ("thing:2", 9), ("thing:1", 3)])
    with Events(server.port, "thing:1", cookie, since=last) as events:
        assert missed(events) == [2, 3]
    LiveSignal.objects.update(at=clock.now() - timedelta(minutes=5))
    with Events(server.port, "thing:1", cookie, headers={"Last-Event-ID": str(last + 2)}) as events:
        assert missed(events) == [3]


def missed(events):
    """Return the numbers of what comes before the stream stands."""
    seqs = []
    while (event := events.next())[0] == "message":
        seqs.append(event[2]["seq"])
    return seqs


def test_a_screen_that_was_away_too_long_is_told(server):
    _account, cookie = sign_in()
    signal_all([("thing:1", number) for number in range(5)])
    LiveSignal.objects.update(at=clock.now() - timedelta(hours=2))
    first = LiveSignal.objects.order_by("pk").first().pk
    assert retention.forget_old() == 4
    with Events(server.port, "thing:1", cookie, since=first) as events:
        assert events.next()[0] == "resync"
    with Events(server.port, "thing:1", cookie, since=10**9) as events:
        assert events.next()[0] == "resync"


@pytest.mark.parametrize("count", [600, 1200])
def test_a_screen_that_missed_very_much_came_back_for_ever_or_lost_the_oldest(server, count):
    _account, cookie = sign_in()
    signal_all([("thing:1", 1)])
    first = LiveSignal.objects.order_by("pk").first().pk
    LiveSignal.objects.bulk_create(
        LiveSignal(topic=f"thing:{number % 3}", seq=number, at=clock.now()) for number in range(count)
    )
    while server.app.hub.last < newest_id():
        time.sleep(0.01)
    with Events(server.port, "thing:0,thing:1,thing:2", cookie, since=first) as events:
        assert [events.next()[0], events.next()[0]] == ["resync", "ready"]
        signal("thing:1", 7)
        assert events.next()[2] == {"topic": "thing:1", "seq": 7}


def test_a_revocation_closes_the_streams_of_that_agent_at_once(server):
    account, cookie = sign_in()
    _other, other_cookie = sign_in("b@shop.example")
    with (
        Events(server.port, "thing:1", cookie) as mine,
        Events(server.port, "thing:1", other_cookie) as theirs,
    ):
        mine.until("ready")
        theirs.until("ready")
        signal(f"agent:{account + 1000}:revoked")
        signal("thing:1", 4)
        assert mine.next() is None
        assert theirs.next()[2]["seq"] == 4


def test_a_session_that_ended_ends_its_stream_within_the_check(server, monkeypatch):
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.2)
    _account, cookie = sign_in()
    with Events(server.port, "thing:1", cookie) as events:
        events.until("ready")
        Session.objects.all().delete()
        assert events.next() is None


def test_a_topic_that_was_withdrawn_ends_the_stream_within_the_check(server, monkeypatch):
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.2)
    _account, cookie = sign_in()
    with Events(server.port, "thing:1", cookie) as events:
        events.until("ready")
        topics.register_topic("thing", may_subscribe=lambda account_id, number: False)
        assert events.next() is None


def test_presence_is_shown_to_others_and_to_those_who_come_later(server):
    account, cookie = sign_in()
    with Events(server.port, "thing:1", cookie) as events:
        events.until("ready")
        assert post(server.port, {"topic": "thing:1", "state": "typing"}, cookie) == 204
        seen = {"topic": "thing:1", "agent": account + 1000, "state": "typing"}
        assert events.next() == ("presence", None, seen)
        with Events(server.port, "thing:1", cookie) as later:
            assert later.next() == ("presence", None, seen)
        assert post(server.port, {"topic": "thing:1", "state": "left"}, cookie) == 204
        assert events.next()[2]["state"] == "left"


def test_presence_takes_only_our_pages_and_sound_bodies(server):
    _account, cookie = sign_in()
    sound = {"topic": "thing:1", "state": "viewing"}
    assert post(server.port, sound) == 401
    assert post(server.port, {"topic": "thing:999", "state": "viewing"}, cookie) == 403
    assert post(server.port, sound, cookie, Origin="http://evil.example") == 403
    assert post(server.port, sound, cookie, Origin=None) == 403
    assert post(server.port, sound, cookie, Content_Type="text/plain") == 415
    for body in (b"", b"[]", b"{}", b"\xff", b"[" * 1900, b" " * 5000, {"topic": 5, "state": "viewing"}):
        assert post(server.port, body, cookie) == 400
    assert post(server.port, {"topic": "thing:1", "state": "dancing"}, cookie) == 400


def test_concurrent_writers_lose_no_signal(server):
    _account, cookie = sign_in()
    with Events(server.port, "thing:1", cookie) as events:
        events.until("ready")

        def write(base):
            for number in range(50):
                with transaction.atomic():
                    signal("thing:1", base + number)
            connections.close_all()

        threads = [threading.Thread(target=write, args=(base,)) for base in (0, 1000, 2000)]
        for thread in threads:
            thread.start()
        seqs = [events.next()[2]["seq"] for _number in range(150)]
        for thread in threads:
            thread.join()
    assert sorted(seqs) == [base + number for base in (0, 1000, 2000) for number in range(50)]
