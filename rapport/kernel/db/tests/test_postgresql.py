"""What our PostgreSQL backend does by itself: reading moments, noticing that the server has gone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import DataError, NotSupportedError, OperationalError, connection, transaction
from psycopg.pq import TransactionStatus

from rapport.kernel.db import rows
from rapport.kernel.db.postgresql import direct
from rapport.kernel.jobs.models import Job

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL"),
]


def read(query: str, *values: object) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = connection.read(query, values)  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 30, 18, 6, 55, tzinfo=UTC),
        datetime(2026, 11, 30, 18, 6, 55, 120_000, tzinfo=UTC),
        datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_it_went(moment: datetime) -> None:
    assert read("SELECT %s::timestamptz", moment) == [(moment,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", (moment,))
        assert cursor.fetchone() == (moment,)


def test_a_moment_in_another_time_zone_of_the_connection_is_the_same_moment() -> None:
    moment = datetime(2026, 11, 30, 18, 6, 55, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Europe/Berlin'")
        cursor.execute("SELECT %s::timestamptz", (moment,))
        [found] = cursor.fetchone()
    assert found.timestamp() == moment.timestamp()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_closed_was_used_again() -> None:
    connection.ensure_connection()
    assert connection.is_usable()
    gone = connection.connection.info.backend_pid
    other = connection.copy()
    try:
        other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", (gone,))
    finally:
        other.close()
    assert not connection.is_usable()
    # As at the start of the next request.
    connection.close_if_unusable_or_obsolete()
    assert read("SELECT 1") == [(1,)]


@pytest.mark.parametrize("text", ['say "no"', "a\\b", "{1,2}", "", "NULL", "ü, 'x' %s"])
def test_texts_in_a_list_arrive_as_they_are(text: str) -> None:
    assert read("SELECT %s = ANY(%s), %s", text, [text, "other"], text) == [(True, text)]


@pytest.mark.django_db(transaction=True)
def test_what_was_prepared_is_prepared_anew_after_a_rollback() -> None:
    with connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute("SELECT %s::int + 1", (1,))
    assert read("SELECT %s", 7) == [(7,)]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert read("SELECT %s", 8) == [(8,)]
        raise ZeroDivisionError
    assert read("SELECT %s", 9) == [(9,)]


@pytest.mark.django_db(transaction=True)
def test_the_first_read_of_a_transaction_is_inside_it() -> None:
    with transaction.atomic():
        read("SELECT %s", 1)
        assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
        read("SELECT %s", 1)
    with pytest.raises(DataError), transaction.atomic():
        read("SELECT 1 / %s", 0)
    assert read("SELECT %s", 1) == [(1,)]


@pytest.mark.parametrize("value", ["a\0b", ["a", "b\0"]])
def test_a_text_with_a_nul_is_refused_and_not_cut(value: object) -> None:
    with pytest.raises(DataError):
        read("SELECT %s", value)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def words(transactional_db: None) -> Iterator[str]:
    """A read of a table that was prepared before the table got another column type."""
    run("CREATE TABLE test_words (word varchar(10))")
    run("INSERT INTO test_words VALUES ('bike')")
    query = "SELECT word FROM test_words WHERE word = %s"
    assert read(query, "bike") == [("bike",)]
    other = connection.copy()
    try:
        other.cursor().execute("ALTER TABLE test_words ALTER word TYPE varchar(20)")
    finally:
        other.close()
    yield query
    run("DROP TABLE test_words")


def test_a_read_whose_table_had_changed_failed_for_ever(words: str) -> None:
    assert read(words, "bike") == read(words, "bike") == [("bike",)]


def test_a_read_in_a_transaction_whose_table_had_changed_failed_for_ever(words: str) -> None:
    with pytest.raises(NotSupportedError), transaction.atomic():
        read("SELECT %s", 1)
        read(words, "bike")
    with transaction.atomic():
        read("SELECT %s", 1)
        assert read(words, "bike") == [("bike",)]


@pytest.mark.django_db(transaction=True)
def test_a_read_failed_for_ever_after_a_pooler_had_thrown_it_away() -> None:
    assert read("SELECT %s", 7) == [(7,)]
    run("DEALLOCATE ALL")
    assert read("SELECT %s", 8) == [(8,)]


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_was_no_operational_error() -> None:
    assert read("SELECT %s", 1) == [(1,)]
    other = connection.copy()
    try:
        gone = connection.connection.info.backend_pid
        other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", (gone,))
    finally:
        other.close()
    for _ in range(2):
        # First the server's farewell, then libpq's word on the dead connection.
        with pytest.raises(OperationalError):
            read("SELECT %s", 1)
    connection.close()


def test_once_a_connection_had_prepared_its_most_no_read_was_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    read("SELECT 1")
    read("SELECT %s", 1)
    held: direct.DirectReads = connection._direct  # type: ignore[attr-defined]
    monkeypatch.setattr(direct, "MOST", len(held._names))
    assert held.can((2,))
    assert held.rows("SELECT %s", (2,)) == [(2,)]
    assert held.rows("SELECT %s + 1", (2,)) is None
    assert read("SELECT %s + 1", 2) == [(3,)]


@pytest.mark.parametrize("values", [["a", None], [1, None]])
def test_a_list_with_nothing_in_it_could_not_be_read(values: list[object]) -> None:
    read("SELECT 1")
    assert read("SELECT %s = ANY(%s)", values[0], values) == [(True,)]


def test_one_statement_was_prepared_for_each_size_of_its_numbers() -> None:
    sizes = [3, 40_000, 2**40]
    written = [rows.assignments(Job(attempts=size), ("attempts",))[1] for size in sizes]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(["pg_typeof(%s)::text"] * 3), [value for [value] in written])
        assert cursor.fetchone() == ("bigint",) * 3
