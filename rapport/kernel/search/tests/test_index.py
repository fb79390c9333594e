"""What is indexed is found, by whom it may be found, on whichever database the suite runs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError

from rapport.kernel.search.backend import Audience, Words, fetch
from rapport.kernel.search.index import (
    Content,
    Documents,
    Place,
    index,
    key_of,
    kinds,
    move,
    purge,
    rebuild,
    register_documents,
    remove,
    wipe,
)
from rapport.kernel.search.language import parse
from rapport.kernel.search.models import Document
from rapport.kernel.search.query import Before, Field, Query, Text
from rapport.kernel.search.scope import EVERYTHING, NOTHING, Rows, Scope
from rapport.kernel.search.search import CUSTOMER, Order, Results, search

pytestmark = pytest.mark.django_db

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def put(
    object_id, body="", *, minutes=None, internal="", kind="message", subject="", sender="", to="", **place
):
    public = Words(subject=subject, sender=sender, recipients=to, body=body)
    index(
        kind,
        object_id,
        at=START + timedelta(minutes=object_id if minutes is None else minutes),
        place=Place(**place),
        public=public if body or subject or sender or to else None,
        internal=Words(body=internal) if internal else None,
    )


def find(text, **options) -> list[int]:
    return [hit.object_id for hit in results(text, **options).hits]


def results(text, **options) -> Results:
    query = parse(text) if isinstance(text, str) else text
    return search(query, **{"scope": EVERYTHING, **options})


def test_newest_first_whatever_the_order_of_indexing():
    for object_id in (2, 3, 1):
        put(object_id, "the parcel is late")
    assert find("parcel") == [3, 2, 1]


def test_all_words_must_hold_in_any_order():
    put(1, "brake squeaks in the rain")
    put(2, "the rain in spain")
    assert find("rain brake ") == [1]


def test_a_phrase_needs_its_words_side_by_side():
    put(1, "left brake lever cracks")
    put(2, "lever of the brake")
    assert find('"brake lever"') == [1]


def test_a_phrase_does_not_run_from_one_field_into_the_next():
    put(1, "lever broken", subject="brake")
    put(2, "it broke", subject="brake", sender="lever")
    assert find('"brake lever"') == []


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("STRASSE ", "Die Straße ist zu"),
        ("uber ", "Über den Wolken"),
        ("kaffee", "KAFFEE"),
        ("ﬁle ", "one file"),
        ("品质", "产品质量问题"),
        ("보냈", "택배를 보냈습니다"),
        ("anna@shop.example ", "write to Anna@Shop.example please"),
        ("привет ", "ПРИВЕТ мир"),
        ("foo_bar ", "the foo_bar option"),
        ("don't ", "I don't know"),
        ("नमस्ते ", "नमस्ते दुनिया"),
        ("品", "产品质量"),
    ],
)
def test_spelling_case_and_marks_do_not_matter(typed, text):
    put(1, text)
    put(2, "something else")
    assert find(typed) == [1]


def test_only_the_last_word_may_go_on():
    put(1, "delivery tomorrow")
    assert find("deliv") == [1]
    assert find("deliv ") == []
    assert find("deliv tomor") == []
    assert find("delivery tomor") == [1]
    assert find("deliveryman") == []


def test_words_that_go_on_stand_between_those_typed_whole():
    texts = ("brake", "brakes", "bracket", "brakelight", "seat", "brake pad")
    for object_id in range(60):
        put(object_id, texts[object_id % 6], subject="brakes" if object_id % 10 == 0 else "")
    expected = [n for n in reversed(range(60)) if n % 6 in {0, 1, 3, 5} or n % 10 == 0]
    found, cursor = [], None
    while len(found) < 60:
        page = results("brake", limit=7, cursor=cursor)
        found += [hit.object_id for hit in page.hits]
        cursor = page.next
        if cursor is None:
            break
    assert found == expected
    assert find("brake", limit=7, order=Order.RELEVANCE) != []
    assert find("subject:brake", limit=3) == [50, 40, 30]


def test_words_that_go_on_are_found_before_many_that_only_begin_alike():
    for object_id in range(20):
        put(object_id, "brake")
    for object_id in range(20, 450):
        put(object_id, "bracket")
    put(450, "brakes")
    assert find("brake", limit=5) == [450, 19, 18, 17, 16]


def test_minus_excludes():
    put(1, "red bike")
    put(2, "red bell")
    put(3, "green bike")
    assert find("red -bike") == [2]
    assert find("-red") == [3]
    assert find('-"green bike" -bell') == [1]


def test_what_is_written_is_all_but_the_recipients():
    put(1, "hello", to="support@shop.example")
    put(2, "support is fine")
    put(3, subject="Supporters")
    put(4, sender="Support support@shop.example")
    term = Text(("support",), Field.WRITTEN, prefix=True)
    for order in Order:
        assert sorted(find(Query((term,)), order=order)) == [2, 3, 4]
        assert sorted(find(Query((replace(term, negated=True),)), order=order)) == [1]
        assert find(Query((term, Text(("shop",), Field.RECIPIENTS))), order=order) == []


def test_fields():
    put(1, "hello from berlin", sender="Anna Schmidt anna@x.example", to="support@shop.example")
    put(2, "anna was here", subject="Support wanted", sender="Bo bo@y.example", to="anna@x.example")
    assert find("from:anna") == [1]
    assert find("to:anna") == [2]
    assert find("subject:support") == [2]
    assert find("anna") == [2, 1]
    assert find('from:"anna schmidt"') == [1]
    assert find("-from:anna support") == [2]
    assert find("from:anna@x.example") == [1]


def test_days_are_those_of_the_asker():
    put(1, "parcel", minutes=0)
    put(2, "parcel", minutes=60 * 11)
    east = timezone(timedelta(hours=2))
    assert find("parcel after:2026-05-02") == []
    assert find("parcel after:2026-05-02", zone=east) == [2]
    assert find("parcel before:2026-05-02", zone=east) == [1]
    assert find("parcel before:2026-05") == []
    assert find(Query((Before(date(9999, 12, 31)),))) == [2, 1]


def test_has_file():
    put(1, "invoice", has_file=True)
    put(2, "invoice")
    assert find("invoice has:file") == [1]
    assert find("invoice -has:file") == [2]


def test_a_query_without_words_lists_by_its_conditions():
    put(1, "invoice", has_file=True)
    put(2, internal="note")
    assert find("has:file") == [1]
    assert find("after:2026-05-01") == [2, 1]
    assert find("after:2026-05-01", audiences=CUSTOMER) == [1]


def test_internal_words_are_not_in_the_public_index():
    put(1, "thank you", internal="difficult customer")
    put(2, internal="difficult supplier")
    assert find("difficult") == [2, 1]
    assert find("difficult", audiences=CUSTOMER) == []
    assert find("thank -difficult", audiences=CUSTOMER) == [1]
    assert [hit.audience for hit in results("thank").hits] == [Audience.PUBLIC]


def test_a_document_that_matches_in_both_indexes_comes_once():
    put(1, "bike", internal="bike")
    assert find("bike") == [1]


def test_nobody_finds_outside_their_scope():
    put(1, "bike", team_id=1, brand_id=1, inbox_id=5)
    put(2, "bike", team_id=2, brand_id=1, conversation_id=70)
    put(3, "bike", brand_id=2)
    assert find("bike", scope=NOTHING) == []
    assert find("bike", scope=Scope((Rows(teams=[1]),))) == [1]
    assert find("bike", scope=Scope((Rows(teams=[1]), Rows(conversations=[70])))) == [2, 1]
    assert find("bike", scope=Scope((Rows(brands=[1]),)), where=Rows(teams=[2, None])) == [2]
    assert find("bike", scope=Scope((Rows(teams=[None]),))) == [3]
    assert find("bike", scope=Scope((Rows(teams=[]),))) == []
    assert find("bike", where=Rows(inboxes=[5])) == [1]
    assert find("-horse", scope=Scope((Rows(teams=[1]),))) == [1]


def test_folders_and_kinds():
    put(1, "bike")
    put(2, "bike", folder=1)
    put(3, "bike", kind="customer")
    assert find("bike", where=Rows(folders=[0], kinds=["message"])) == [1]


def test_a_queryset_of_conversations_narrows():
    put(1, "bike", conversation_id=70)
    put(2, "bike", conversation_id=71)
    put(3, "bike")
    wanted = Document.objects.filter(conversation_id=70).values("conversation_id")
    assert find("bike", where=Rows(conversations=wanted)) == [1]
    assert find("bike", where=Rows(not_conversations=wanted)) == [3, 2]
    assert find("bike", where=Rows(conversations=wanted.none())) == []
    assert find("bike", where=Rows(not_conversations=wanted.none())) == [3, 2, 1]


def test_indexing_again_replaces():
    put(1, "old words", conversation_id=7)
    put(1, "new words", conversation_id=8)
    assert find("old ") == []
    assert find("new ", where=Rows(conversations=[8])) == [1]
    assert Document.objects.count() == 1


def test_moving_a_conversation_moves_all_its_documents():
    put(1, "bike", conversation_id=7, team_id=1, has_file=True)
    put(2, internal="bike", conversation_id=7, team_id=1)
    move(7, Place(team_id=2, folder=3))
    assert find("bike", where=Rows(teams=[2], folders=[3])) == [2, 1]
    assert find("bike has:file") == [1]


def test_removed_is_not_found():
    put(1, "bike", internal="bike")
    assert remove("message", 1) is True
    assert remove("message", 1) is False
    assert find("bike") == []


def test_pages_follow_each_other_without_gap_or_repetition():
    for object_id in range(1, 24):
        put(object_id, "bike", internal="bike" if object_id % 3 else "")
    seen, cursor, pages = [], None, 0
    while True:
        page = results("bike", limit=5, cursor=cursor)
        seen += [hit.object_id for hit in page.hits]
        pages += 1
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == set(range(1, 24))
    assert len(seen) == 23
    assert pages < 8


def test_one_hit_per_conversation():
    for object_id in range(1, 9):
        put(object_id, "bike", conversation_id=object_id % 2)
    put(9, "bike")
    assert find("bike", one_per_conversation=True) == [9, 8, 7]


def test_a_common_word_of_old_documents_is_found_behind_many_new_ones():
    put(1, "needle")
    for object_id in range(2, 40):
        put(object_id, "hay")
    assert find("needle") == [1]
    assert find("needl") == [1]


def test_relevance_prefers_subject_and_density():
    put(1, "about something else and a bike", subject="question")
    put(2, "see below", subject="bike")
    put(3, "bike bike bike", subject="question")
    assert find("bike", order=Order.RELEVANCE)[0] == 2
    assert find("bike", order=Order.RELEVANCE) == [2, 3, 1]


def test_hits_carry_their_time_and_conversation():
    put(1, "bike", conversation_id=7)
    hit = results("bike").hits[0]
    assert (hit.kind, hit.conversation_id, hit.at) == ("message", 7, START + timedelta(minutes=1))


def test_many_documents_of_one_second_get_keys_of_their_own():
    for object_id in range(300):
        put(object_id, "bike", minutes=0)
    assert len(find("bike", limit=500)) == 300
    assert Document.objects.filter(pk__gte=key_of(START), pk__lt=key_of(START) + 65536).count() == 300


def test_times_before_1970_do_not_fail():
    index("message", 1, at=datetime(1903, 1, 1, tzinfo=UTC), place=Place(), public=Words(body="old bike"))
    assert find("bike") == [1]


@pytest.mark.parametrize(
    "hostile", ['"', "'", "a' OR 1", 'x" OR body:y', "*", "NEAR(a b)", "\0 bike", "a:*b", "\\'", "%s"]
)
def test_text_and_queries_cannot_break_out(hostile):
    put(1, f"bike {hostile}", sender=hostile)
    for typed in (hostile, f'"{hostile}', f"from:{hostile}", f"-{hostile} bike"):
        find(typed)
    assert find("bike ") == [1]


def test_very_long_words_and_texts_are_taken():
    put(1, "x" * 5000 + " " + "word " * 30_000 + " bike")
    assert find("word ") == [1]


def test_rebuild_makes_the_index_anew():
    put(1, "stale")
    content = Content(object_id=5, at=START, place=Place(), public=Words(body="fresh"))
    former = next(each for each in kinds() if each.name == "message")
    register_documents(Documents("message", lambda: [content]))
    try:
        assert rebuild() == 1
    finally:
        register_documents(former)
    assert (find("stale"), find("fresh")) == ([], [5])
    wipe()
    assert find("fresh") == []


@pytest.mark.django_db(transaction=True)
def test_purged_words_are_nowhere_on_disk():
    put(1, "the canarybird sings", internal="canarycage")
    put(2, "harmless words")
    remove("message", 1)
    purge()
    assert find("harmless") == [2]
    if connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        written = b"".join(Path(name + end).read_bytes() for end in ("", "-wal") if Path(name + end).exists())
        assert b"harmless" in written
        assert b"canary" not in written
    else:
        for table in ("search_public", "search_internal"):
            found = fetch(f"SELECT count(*) FROM {table} WHERE vector::text LIKE %s", ["%canary%"])
            words = fetch(
                "SELECT count(*) FROM ts_stat(%s) WHERE word LIKE 'canary%%'", [f"SELECT vector FROM {table}"]
            )
            assert (found, words) == ([(0,)], [(0,)])


def test_purging_inside_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        purge()
