"""Single rows are written as ``Model.save`` would write them."""

from datetime import UTC, datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from rapport.kernel.db import rows

pytestmark = pytest.mark.django_db


def kind(name: str) -> ContentType:
    return ContentType(app_label="test", model=name)


def test_an_inserted_row_is_as_if_saved() -> None:
    made = rows.insert(kind("one"))
    assert made.pk
    found = ContentType.objects.get(pk=made.pk)
    assert (found.app_label, found.model) == ("test", "one")
    made.model = "two"
    made.save()
    assert ContentType.objects.filter(app_label="test").count() == 1


def test_a_key_of_its_own_is_kept() -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    made = rows.insert(Session(session_key="key", session_data="x", expire_date=moment))
    assert made.pk == "key"
    assert Session.objects.get(pk="key").expire_date == moment


def test_a_taken_key_inserts_nothing_and_breaks_no_transaction() -> None:
    with transaction.atomic():
        assert rows.insert_unless_taken(kind("one"), "app_label", "model")
        assert not rows.insert_unless_taken(kind("one"), "app_label", "model")
        assert ContentType.objects.filter(app_label="test").count() == 1


def test_another_refusal_is_still_an_error() -> None:
    rows.insert(kind("one"))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(kind("one"))


def test_only_named_columns_are_written() -> None:
    made = rows.insert(kind("one"))
    made.app_label, made.model = "other", "two"
    rows.update(made, ["model"])
    found = ContentType.objects.get(pk=made.pk)
    assert (found.app_label, found.model) == ("test", "two")


def test_values_of_another_type_are_still_converted() -> None:
    made = rows.insert(kind("one"))
    made.model = 5
    rows.update(made, ["model"])
    assert ContentType.objects.get(pk=made.pk).model == "5"
