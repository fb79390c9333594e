"""What is done to the index later: merging in small steps, and the purge that an erasure asks for."""

import pytest
from django.db import connection

from rapport.kernel.jobs.models import Job
from rapport.kernel.search import jobs
from rapport.kernel.search.backend import Words, fetch
from rapport.kernel.search.index import Content, Documents, Place, kinds, rebuild, register_documents
from rapport.kernel.search.jobs import PURGE, merge, purge, purge_soon
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


def segments():
    return fetch("SELECT count(DISTINCT segid) FROM search_public_idx", [])[0][0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_the_sixty_fourth_document_had_to_merge_megabytes():
    for number in range(1, 15):
        put(number, f"bike {'wheel ' * 3000} {number}")
    assert segments() == 14
    assert fetch("SELECT v FROM search_public_config WHERE k = 'automerge'", []) == [(0,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_an_index_made_anew_took_a_transaction_for_every_sixteen_pages():
    seen = []

    def documents():
        seen.extend(fetch("SELECT v FROM search_public_config WHERE k = 'automerge'", []))
        yield Content(object_id=1, at=START, place=Place(), public=Words(body="bike"))

    former = next(each for each in kinds() if each.name == "message")
    register_documents(Documents("message", documents))
    try:
        rebuild()
    finally:
        register_documents(former)
    assert seen == [(4,)]
    assert fetch("SELECT v FROM search_public_config WHERE k = 'automerge'", []) == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_merging_later_keeps_all_words_and_comes_to_an_end(monkeypatch):
    monkeypatch.setattr(jobs, "PAUSE", 0)
    for number in range(1, 15):
        put(number, f"bike {number}", internal=f"note {number}")
    merge()
    if connection.vendor == "sqlite":
        assert segments() < 4
    assert find("bike") == list(range(14, 0, -1))
    assert find("note") == list(range(14, 0, -1))
    merge()
    assert find("bike") == list(range(14, 0, -1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of FTS5")
def test_without_a_worker_segments_do_not_pile_up():
    for number in range(1, 70):
        put(number, f"bike {number}")
    assert segments() < 25
