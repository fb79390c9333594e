import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.inboxes.actions.store_raw import SMALL, store_raw
from rapport.inboxes.actions.trouble import clear_trouble, report_trouble
from rapport.inboxes.models import Inbox, RawBody, RawInbound
from rapport.inboxes.queries.by_address import inbox_by_address
from rapport.kernel import clock
from rapport.kernel.files import storage
from rapport.kernel.files.models import StoredFile
from rapport.kernel.files.references import referenced

MAIL = b"Message-ID: <one@example.org>\r\nFrom: a@example.org\r\n\r\nHello\r\n"


def test_a_small_mail_stands_in_the_table_byte_for_byte(inbox: Inbox) -> None:
    row = store_raw(
        inbox=inbox,
        content=MAIL,
        source="lmtp",
        envelope_from="a@example.org",
        envelope_to="help@shop.example",
    )
    row.refresh_from_db()
    assert bytes(RawBody.objects.get(raw=row).content) == MAIL
    assert (row.state, row.outcome, row.size, row.file) == ("queued", "", len(MAIL), None)
    inbox.refresh_from_db()
    assert inbox.last_received_at == row.received_at


def test_a_small_mail_was_looked_for_before_it_was_written(inbox: Inbox) -> None:
    with CaptureQueriesContext(connection) as seen:
        store_raw(inbox=inbox, content=MAIL, source="lmtp")
    assert not [query["sql"] for query in seen if query["sql"].startswith("SELECT")]


def test_a_large_mail_lies_in_a_file_that_is_referenced(inbox: Inbox) -> None:
    content = MAIL + b"x" * SMALL
    row = store_raw(inbox=inbox, content=content, source="lmtp")
    assert row.file is not None
    assert storage.read(row.file) == content
    assert referenced([row.file.pk]) == {row.file.pk}
    assert not RawBody.objects.exists()


def test_a_copy_is_the_same_row_and_stores_nothing(inbox: Inbox) -> None:
    first = store_raw(inbox=inbox, content=MAIL, source="lmtp")
    second = store_raw(
        inbox=inbox, content=b"Received: by mx\n" + MAIL.replace(b"\r\n", b"\n"), source="pipe"
    )
    assert second.pk == first.pk
    assert (RawInbound.objects.count(), RawBody.objects.count()) == (1, 1)


def test_a_large_copy_writes_no_second_file(inbox: Inbox) -> None:
    content = MAIL + b"x" * SMALL
    store_raw(inbox=inbox, content=content, source="lmtp")
    store_raw(inbox=inbox, content=content, source="imap")
    assert StoredFile.objects.count() == 1


def test_another_inbox_gets_its_own_row(inbox: Inbox) -> None:
    other = Inbox.objects.create(
        name="Orders", address="orders@shop.example", brand=inbox.brand, team=inbox.team
    )
    rows = {store_raw(inbox=each, content=MAIL, source="lmtp").pk for each in (inbox, other)}
    assert len(rows) == 2


def test_nothing_is_left_of_a_transaction_that_fails(inbox: Inbox) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        store_raw(inbox=inbox, content=MAIL, source="imap")
        raise RuntimeError
    assert not RawInbound.objects.exists()
    assert store_raw(inbox=inbox, content=MAIL, source="imap").pk


def test_imports_do_not_count_as_arrivals(inbox: Inbox) -> None:
    at = clock.now() - timedelta(days=400)
    row = store_raw(inbox=inbox, content=MAIL, source="imap", origin="import", received_at=at)
    inbox.refresh_from_db()
    assert inbox.last_received_at is None
    assert row.received_at == at


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.text(max_size=400))
def test_any_bytes_and_any_envelope_are_stored(inbox: Inbox, content: bytes, address: str) -> None:
    row = store_raw(inbox=inbox, content=content, source="pipe", envelope_from=address, envelope_to=address)
    assert row.pk


@pytest.mark.django_db(transaction=True)
def test_two_receivers_with_one_mail_store_it_once() -> None:
    from rapport.staff.models import Brand, Team

    brand, team = Brand.objects.create(name="B"), Team.objects.create(name="T")
    inbox = Inbox.objects.create(name="Help", address="help@shop.example", brand=brand, team=team)
    gate = threading.Barrier(4)
    seen: list[int] = []

    def receive() -> None:
        gate.wait()
        seen.append(store_raw(inbox=inbox, content=MAIL, source="lmtp").pk)
        connection.close()

    threads = [threading.Thread(target=receive) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(seen) == 4
    assert len(set(seen)) == 1
    assert (RawInbound.objects.count(), RawBody.objects.count()) == (1, 1)


def test_an_inbox_is_found_by_its_address_whatever_the_case(inbox: Inbox) -> None:
    assert inbox_by_address("HELP@shop.example") == inbox
    assert inbox_by_address("<help+r.abc@shop.example>") == inbox
    assert inbox_by_address("nobody@shop.example") is None
    assert inbox_by_address("a\0b") is None


def test_trouble_keeps_the_time_of_its_first_report(inbox: Inbox) -> None:
    assert report_trouble(inbox_id=inbox.pk, words="does not answer")
    inbox.refresh_from_db()
    since = inbox.trouble_since
    assert not report_trouble(inbox_id=inbox.pk, words="refuses the password")
    inbox.refresh_from_db()
    assert (inbox.trouble, inbox.trouble_since) == ("refuses the password", since)
    assert clear_trouble(inbox_id=inbox.pk)
    assert not clear_trouble(inbox_id=inbox.pk)
    inbox.refresh_from_db()
    assert (inbox.trouble, inbox.trouble_since) == ("", None)
