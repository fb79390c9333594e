"""What is done to the index later: merging in small steps, and the purge that an erasure asks for."""

import threading

import pytest
from django.db import connection, transaction

from rapport.kernel.jobs.beside import all_beside
from rapport.kernel.jobs.models import Job
from rapport.kernel.jobs.tasks import task_names
from rapport.kernel.search import index
from rapport.kernel.search.backend import Words, chosen, fetch
from rapport.kernel.search.index import Content, Documents, Place, kinds, rebuild, register_documents
from rapport.kernel.search.jobs import IDLE, PURGE, keep_merged, merge, purge, purge_soon
from rapport.kernel.search.tests.test_index import START, find, put


@pytest.mark.django_db
def test_many_erasures_ask_for_one_purge():
    purge_soon()
    purge_soon()
    assert [job.name for job in Job.objects.all()] == [PURGE]


@pytest.mark.django_db(transaction=True)
def test_the_purge_keeps_what_was_not_removed():
    put(1, "bike")
    purge()
    assert find("bike") == [1]


def automerge():
    return fetch("SELECT v FROM search_public_config WHERE k = 'automerge'", [])


def content(number):
    words = Words(body=f"{'wheel ' * 15_000} {number}")
    return Content(object_id=number, at=START, place=Place(), public=words)


@pytest.fixture
def made_of():
    """Let the index be made of documents of the test's own."""
    former = next(each for each in kinds() if each.name == "message")
    yield lambda documents: register_documents(Documents("message", documents))
    register_documents(former)


def segments():
    return fetch("SELECT count(DISTINCT segid) FROM search_public_idx", [])[0][0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_the_sixty_fourth_document_had_to_merge_megabytes():
    for number in range(1, 15):
        put(number, f"bike {'wheel ' * 3000} {number}")
    assert segments() == 14
    assert automerge() == [(0,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_an_index_made_anew_took_a_transaction_for_every_sixteen_pages(made_of, monkeypatch):
    monkeypatch.setattr(index, "BATCH", 1)
    made_of(lambda: map(content, range(14)))
    rebuild()
    assert segments() < 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_an_index_killed_while_it_was_made_anew_merged_in_the_writers_turns_for_ever(made_of, monkeypatch):
    seen = []

    def documents():
        for number in range(3):
            # Outside the transactions: what a kill would leave.
            seen.extend(automerge())
            yield content(number)

    monkeypatch.setattr(index, "BATCH", 1)
    made_of(documents)
    rebuild()
    assert seen + automerge() == [(0,)] * 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_a_batch_that_fails_leaves_no_merging_in_the_writers_turns():
    with pytest.raises(ZeroDivisionError), transaction.atomic(), chosen().filling():
        raise ZeroDivisionError
    for number in range(1, 15):
        put(number, f"bike {'wheel ' * 3000} {number}")
    assert segments() == 14


@pytest.mark.django_db(transaction=True)
def test_merging_later_keeps_all_words_and_comes_to_an_end():
    for number in range(1, 15):
        put(number, f"bike {number}", internal=f"note {number}")
    while merge() < IDLE:
        pass
    if connection.vendor == "sqlite":
        assert segments() < 4
    assert find("bike") == list(range(14, 0, -1))
    assert find("note") == list(range(14, 0, -1))
    assert merge() == IDLE
    assert find("bike") == list(range(14, 0, -1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_without_a_worker_segments_do_not_pile_up():
    for number in range(1, 70):
        put(number, f"bike {number}")
    assert segments() < 25


@pytest.mark.django_db(transaction=True)
def test_merging_held_up_the_jobs_and_the_stop():
    assert "search.merge" not in task_names()
    stop = threading.Event()
    thread = threading.Thread(target=keep_merged, args=(stop,))
    thread.start()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert ("search.merge", keep_merged) in all_beside()
