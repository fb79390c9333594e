import threading

import pytest
from django.db import connection

from rapport.kernel.db.threads import Pool

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_thread_keeps_its_connection_until_the_pool_is_shut():
    together = threading.Barrier(3)

    def work():
        together.wait(5)
        connection.ensure_connection()
        return connection._connections[connection._alias]

    with Pool(3, name="work") as pool:
        first = {future.result() for future in [pool.submit(work) for _ in range(3)]}
        again = {future.result() for future in [pool.submit(work) for _ in range(3)]}
        assert first == again
        assert len(first) == 3
        assert all(each.connection is not None for each in first)
    assert all(each.connection is None for each in first)
