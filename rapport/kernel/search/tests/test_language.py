"""The query language, by example and by machine."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.kernel.search.language import MAX_CHARACTERS, MAX_TERMS, parse
from rapport.kernel.search.query import (
    After,
    Before,
    Doubt,
    Field,
    HasFile,
    Is,
    Problem,
    State,
    Tag,
    Text,
)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("  ", ()),
        ("bike ", (Text(("bike",)),)),
        ("bike", (Text(("bike",), prefix=True),)),
        ("bi", (Text(("bi",)),)),
        ("two words", (Text(("two",)), Text(("words",), prefix=True))),
        ('"two words"', (Text(("two", "words")),)),
        ("foo-bar ", (Text(("foo", "bar")),)),
        ("-bike", (Text(("bike",), negated=True),)),
        ('-"no thanks"', (Text(("no", "thanks"), negated=True),)),
        ("from:anna ", (Text(("anna",), Field.SENDER),)),
        ('from:"Anna Ö" ', (Text(("anna", "o"), Field.SENDER),)),
        ("TO:a@b.example ", (Text(("a", "b", "example"), Field.RECIPIENTS),)),
        ("subject:late ", (Text(("late",), Field.SUBJECT),)),
        ("tag:VIP", (Tag("VIP"),)),
        ('-tag:"very important"', (Tag("very important", negated=True),)),
        ("is:open", (Is(State.OPEN),)),
        ("-is:Mine", (Is(State.MINE, negated=True),)),
        ("is:solved is:unassigned is:unread", (Is(State.SOLVED), Is(State.UNASSIGNED), Is(State.UNREAD))),
        ("is:new", (Is(State.NEW),)),
        ("status:waiting is:on_hold is:snoozed", (Is(State.WAITING), Is(State.ON_HOLD), Is(State.SNOOZED))),
        ("has:file", (HasFile(),)),
        ("before:2026-05-04", (Before(date(2026, 5, 4)),)),
        ("after:2026-05", (After(date(2026, 5, 1)),)),
        ("after:2026", (After(date(2026, 1, 1)),)),
        ("before:4.5.2026", (Before(date(2026, 5, 4)),)),
        ("-before:2026-05-04", (After(date(2026, 5, 4)),)),
        ("Re: hello ", (Text(("re",)), Text(("hello",)))),
        ("10:30 ", (Text(("10", "30")),)),
        ("https://x.example/a ", (Text(("https", "x", "example", "a")),)),
        ('a"b c"d ', (Text(("a",)), Text(("b", "c")), Text(("d",)))),
        ("品质 ", (Text(("品质",)),)),
        ("品 ", (Text(("品",), prefix=True),)),
    ],
)
def test_reads(typed, terms):
    query = parse(typed)
    assert query.terms == terms
    assert query.problems == ()


@pytest.mark.parametrize(
    ("typed", "problem", "terms"),
    [
        ('a "b c', Problem(Doubt.UNCLOSED_QUOTE, 2, 6, '"b c'), 2),
        ("a from: b", Problem(Doubt.MISSING_VALUE, 2, 7, "from:"), 2),
        ("is:happy", Problem(Doubt.UNKNOWN_STATE, 0, 8, "is:happy"), 0),
        ("status:banana", Problem(Doubt.UNKNOWN_STATE, 0, 13, "status:banana"), 0),
        ("a sender:ada ", Problem(Doubt.UNKNOWN_KEY, 2, 12, "sender:ada"), 2),
        ("has:wings", Problem(Doubt.UNKNOWN_THING, 0, 9, "has:wings"), 0),
        ("a before:yesterday b", Problem(Doubt.BAD_DATE, 2, 18, "before:yesterday"), 2),
        ("after:2026-02-30", Problem(Doubt.BAD_DATE, 0, 16, "after:2026-02-30"), 0),
        ("after:0000", Problem(Doubt.BAD_DATE, 0, 10, "after:0000"), 0),
        ("a - b", Problem(Doubt.NOTHING_SEARCHABLE, 2, 3, "-"), 2),
        ("!!!", Problem(Doubt.NOTHING_SEARCHABLE, 0, 3, "!!!"), 0),
    ],
)
def test_says_what_it_did_not_understand(typed, problem, terms):
    query = parse(typed)
    assert query.problems == (problem,)
    assert len(query.terms) == terms


def test_too_much_is_cut_and_said():
    assert parse("x " * 400).problems[0].doubt is Doubt.TOO_LONG
    many = parse("ab " * (MAX_TERMS + 5))
    assert len(many.terms) == MAX_TERMS
    assert [problem.doubt for problem in many.problems] == [Doubt.TOO_MANY]


_SNIPS = st.sampled_from(
    ['"', "-", ":", " ", "from:", "to:", "is:", "tag:", "before:2026", "has:file", "ß", "品质"]
)


@given(st.lists(_SNIPS | st.text(max_size=12), max_size=40).map("".join))
def test_never_raises_and_points_into_the_input(typed):
    query = parse(typed)
    assert len(query.terms) <= MAX_TERMS
    for problem in query.problems:
        assert 0 <= problem.start < problem.end <= len(typed)
        assert problem.text == typed[problem.start : problem.end] or problem.doubt is Doubt.TOO_LONG
    for text in query.texts:
        assert text.words
        assert all(word and not set(word) & set("\"' *") for word in text.words)


@given(st.lists(st.from_regex(r"[a-z]{2,8}", fullmatch=True), min_size=1, max_size=MAX_TERMS))
def test_every_plain_word_becomes_a_term(typed):
    query = parse(" ".join(typed))
    assert [term.words for term in query.texts] == [(word,) for word in typed]


@settings(max_examples=20)
@given(st.text(min_size=MAX_CHARACTERS, max_size=MAX_CHARACTERS * 2))
def test_long_input_is_bounded(typed):
    assert len(parse(typed).terms) <= MAX_TERMS
