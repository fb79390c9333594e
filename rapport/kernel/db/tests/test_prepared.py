"""Prepared reads give what the ORM gives, and build their statement once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Max, QuerySet
from django.test.utils import CaptureQueriesContext

from rapport.kernel.db.prepared import Unpreparable, prepared

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sessions(db: None) -> None:
    for number in range(5):
        Session.objects.create(
            session_key=f"key{number}", session_data=str(number), expire_date=MOMENT + timedelta(days=number)
        )


def test_rows_become_instances() -> None:
    @prepared
    def one(key: str) -> QuerySet[Session]:
        return Session.objects.filter(session_key=key)

    assert [one("key1"), one("key3")] == [[Session(pk="key1")], [Session(pk="key3")]]
    assert one("key3")[0].expire_date == MOMENT + timedelta(days=3)
    assert one("nobody") == []
    assert (one.first("key1"), one.first("nobody")) == (Session(pk="key1"), None)


def test_values_come_as_dicts_tuples_and_alone() -> None:
    def filtered(key: str) -> QuerySet[Session]:
        return Session.objects.filter(session_key=key)

    dicts = prepared(lambda key: filtered(key).values("session_data", "expire_date"))
    tuples = prepared(lambda key: filtered(key).values_list("session_key", "expire_date"))
    alone = prepared(lambda key: filtered(key).values_list("session_data", flat=True))
    assert dicts("key2") == [{"session_data": "2", "expire_date": MOMENT + timedelta(days=2)}]
    assert tuples("key2") == [("key2", MOMENT + timedelta(days=2))]
    assert alone("key2") == ["2"]


def test_moments_and_one_value_used_twice() -> None:
    @prepared
    def around(moment: datetime) -> QuerySet[Session]:
        first = Session.objects.filter(expire_date__lte=moment)
        return (first | Session.objects.filter(expire_date=moment)).order_by("session_key")

    assert [row.pk for row in around(MOMENT + timedelta(days=1))] == ["key0", "key1"]
    assert [row.pk for row in around(MOMENT)] == ["key0"]


def test_lists_of_any_length() -> None:
    @prepared
    def several(keys: list[str]) -> QuerySet[Session]:
        return Session.objects.filter(session_key__in=keys).order_by("session_key")

    for size in range(1, 6):
        keys = [f"key{number}" for number in range(size)]
        assert [row.pk for row in several(keys)] == keys
    with pytest.raises(Unpreparable, match="empty"):
        several([])


def test_related_rows_come_along() -> None:
    from django.contrib.auth.models import Permission

    kind = ContentType.objects.get_for_model(Session)
    permission = Permission.objects.filter(content_type=kind).order_by("pk")[0]

    @prepared
    def with_kind(pk: int) -> QuerySet[Permission]:
        return Permission.objects.select_related("content_type").filter(pk=pk)

    found = with_kind(permission.pk)[0]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert found.content_type.model == "session"
    assert not queries.captured_queries


def test_the_statement_is_built_once() -> None:
    built = []

    @prepared
    def one(key: str) -> QuerySet[Session]:
        built.append(key)
        return Session.objects.filter(session_key=key)

    one("key1"), one("key2"), one("key3")
    assert len(built) == 1
    assert built[0] not in {"key1", "key2", "key3"}


def test_a_value_that_decides_the_statement_is_refused() -> None:
    @prepared
    def sliced(key: str, limit: int) -> QuerySet[Session]:
        return Session.objects.filter(session_key=key)[:limit]

    with pytest.raises(Unpreparable, match="does not hand"):
        sliced("key1", 2)
    with pytest.raises(Unpreparable, match="truth value"):
        sliced("key1", True)


def test_a_statement_can_become_part_of_another() -> None:
    @prepared
    def keys(key: str) -> QuerySet[Session, str]:
        return Session.objects.filter(session_key__gte=key).values_list("session_key", flat=True)

    sql, values = keys.sql("key3")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS found", values)
        assert cursor.fetchone() == (2,)


def test_a_number_that_no_column_holds_finds_nothing() -> None:
    from django.contrib.auth.models import Permission

    @prepared
    def one(pk: int) -> QuerySet[Permission]:
        return Permission.objects.filter(pk=pk)

    assert one(2**63) == one(-(10**30)) == []


def test_a_number_that_no_column_holds_took_a_whole_list_with_it() -> None:
    kinds = {kind.pk for kind in ContentType.objects.all()}

    @prepared
    def several(pks: list[int]) -> QuerySet[ContentType]:
        return ContentType.objects.filter(pk__in=pks)

    assert {kind.pk for kind in several([*kinds, 2**70])} == {kind.pk for kind in several([2**70, *kinds])}
    assert {kind.pk for kind in several([-(2**63) - 1, *kinds])} == kinds
    assert several([2**63, 2**70]) == []


@pytest.mark.parametrize("mixed", [["key1", 1], ["key1", None], [1, "key1"], [1, True]])
def test_only_the_first_of_a_list_was_looked_at(mixed: list[str]) -> None:
    @prepared
    def several(keys: list[str]) -> QuerySet[Session]:
        return Session.objects.filter(session_key__in=keys)

    with pytest.raises(Unpreparable):
        several(mixed)


def test_a_moment_that_is_computed_comes_as_from_the_orm() -> None:
    @prepared
    def last(key: str) -> QuerySet[Session, Any]:
        found = Session.objects.filter(session_key__gte=key).values("session_data")
        return found.annotate(last=Max("expire_date")).order_by("session_data").values("last")

    assert last("key3") == [{"last": MOMENT + timedelta(days=number)} for number in (3, 4)]
