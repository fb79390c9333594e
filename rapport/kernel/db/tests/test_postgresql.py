"""What our PostgreSQL backend does by itself: statements run directly, moments, a server that has gone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, IntegrityError, NotSupportedError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg import Binary
from psycopg.pq import TransactionStatus
from psycopg.types.json import Jsonb

from rapport.kernel.db import rows
from rapport.kernel.db.postgresql import direct
from rapport.kernel.db.writing import write
from rapport.kernel.jobs.models import Job, State
from rapport.kernel.live.signal import signal_all

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
    held: direct.Direct = connection._direct  # type: ignore[attr-defined]
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


@pytest.fixture
def things(transactional_db: None) -> Iterator[None]:
    """A table with a column of each type that we write, all of them empty."""
    run(
        "CREATE TABLE test_things (yes boolean, small smallint, number bigint, word varchar(200), "
        "at timestamptz, data bytea, tree jsonb)"
    )
    yield
    run("DROP TABLE test_things")


INSERT = "INSERT INTO test_things VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING *"


@pytest.mark.usefixtures("things")
def test_every_write_went_through_a_cursor() -> None:
    moment = datetime(2026, 11, 30, 18, 6, 55, 120_000, tzinfo=UTC)
    values = [True, 3, 2**40, "say \"no\", 'ü' \\ {1} %s", moment, b"\0\xff\\'", Jsonb({"a": [1, "ü"]})]
    assert write(INSERT, values) == [(*values[:6], '{"a": [1, "ü"]}')]
    assert write(INSERT, [None] * 7) == [(None,) * 7]
    assert write("UPDATE test_things SET word = %s", [State.DONE]) == []
    assert write(INSERT, [False, 0, -1, State.DONE, None, Binary(b"a\0"), None])[0][1:6] == (
        0, -1, "done", None, b"a\0",
    )  # fmt: skip
    held: direct.Direct = connection._direct  # type: ignore[attr-defined]
    assert (INSERT, None) in held._names


@pytest.mark.usefixtures("things")
def test_a_write_of_what_nobody_knows_goes_the_long_way() -> None:
    assert write("UPDATE test_things SET number = %s::numeric RETURNING 1", [Decimal("1.5")]) == []


@pytest.mark.django_db(transaction=True)
def test_the_first_write_of_a_transaction_is_inside_it_and_undone_with_it() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rows.insert(ContentType(app_label="test", model="one"))
        assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
        raise ZeroDivisionError
    assert not ContentType.objects.filter(app_label="test").exists()
    with transaction.atomic():
        rows.insert(ContentType(app_label="test", model="one"))
    assert ContentType.objects.filter(app_label="test").exists()


def test_a_refused_write_broke_no_more_than_its_savepoint() -> None:
    rows.insert(ContentType(app_label="test", model="one"))
    for _ in range(2):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.insert(ContentType(app_label="test", model="one"))
    with pytest.raises(DataError), transaction.atomic():
        rows.insert(ContentType(app_label="test", model="t\0wo"))
    rows.insert(ContentType(app_label="test", model="two"))
    assert ContentType.objects.filter(app_label="test").count() == 2


@pytest.mark.usefixtures("things")
def test_a_write_whose_table_had_changed_failed_for_ever() -> None:
    write(INSERT, [None] * 7)
    other = connection.copy()
    try:
        other.cursor().execute("ALTER TABLE test_things ALTER word TYPE varchar(20)")
    finally:
        other.close()
    assert write(INSERT, [None] * 7) == write(INSERT, [None] * 7) == [(None,) * 7]


def test_a_write_is_seen_by_who_watches_the_statements() -> None:
    with CaptureQueriesContext(connection) as seen:
        rows.insert(ContentType(app_label="test", model="one"))
    assert len(seen) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_commit_refuses_is_an_error_and_leaves_nothing() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Permission(name="of nothing", content_type_id=-1, codename="x"))
        rows.insert(ContentType(app_label="test", model="one"))
    assert not ContentType.objects.filter(app_label="test").exists()
    with transaction.atomic():
        rows.insert(ContentType(app_label="test", model="two"))
    assert connection.connection.info.transaction_status == TransactionStatus.IDLE
    assert ContentType.objects.filter(app_label="test").exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_before_the_commit_is_an_operational_error() -> None:
    other = connection.copy()
    try:
        with pytest.raises(OperationalError), transaction.atomic():
            rows.insert(ContentType(app_label="test", model="one"))
            gone = connection.connection.info.backend_pid
            other.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", (gone,))
    finally:
        other.close()
    connection.close()
    assert not ContentType.objects.filter(app_label="test").exists()


def test_writes_of_many_rows_took_the_places_of_those_that_run_often() -> None:
    rows.insert(ContentType(app_label="test", model="one"))
    held: direct.Direct = connection._direct  # type: ignore[attr-defined]
    signal_all((f"test:{number}", 1) for number in range(1, 3))
    before = len(held._names)
    for many in range(30, 40):
        signal_all((f"test:{number}", 1) for number in range(many))
    assert len(held._names) == before
