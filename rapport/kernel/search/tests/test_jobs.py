"""An erasure asks once for a purge, which leaves the rest to be found."""

import pytest

from rapport.kernel.jobs.models import Job
from rapport.kernel.search.jobs import PURGE, purge, purge_soon
from rapport.kernel.search.tests.test_index import find, put


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
