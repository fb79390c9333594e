"""Snippets show the match and nothing that a browser would run."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.kernel.search.language import parse
from rapport.kernel.search.query import Field
from rapport.kernel.search.snippets import marked, snippet


@pytest.mark.parametrize(
    ("text", "typed", "html"),
    [
        ("The brake squeaks", "brake ", "The <mark>brake</mark> squeaks"),
        ("Die STRAßE ist", "strasse ", "Die <mark>STRAßE</mark> ist"),
        ("delivery and deliver", "deliv", "<mark>delivery</mark> and <mark>deliver</mark>"),
        ("a brake, lever!", '"brake lever"', "a <mark>brake, lever</mark>!"),
        ("lever brake", '"brake lever"', "lever brake"),
        ("<script>brake</script>", "brake ", "&lt;script&gt;<mark>brake</mark>&lt;/script&gt;"),
        ("red bike", "red -bike", "<mark>red</mark> bike"),
        ("产品质量", "品质", "<mark>产品质量</mark>"),
        ("many\n\n  blanks", "zebra", "many blanks"),
        ("", "x", ""),
    ],
)
def test_marks(text, typed, html):
    assert snippet(text, parse(typed)) == html


@pytest.mark.parametrize(
    ("typed", "field", "html"),
    [
        ("brake ", Field.SUBJECT, "<mark>Brake</mark> &lt;b&gt; of Ada"),
        ("subject:brake ", Field.SUBJECT, "<mark>Brake</mark> &lt;b&gt; of Ada"),
        ("from:ada", Field.SUBJECT, "Brake &lt;b&gt; of Ada"),
        ("from:ada", Field.SENDER, "Brake &lt;b&gt; of <mark>Ada</mark>"),
    ],
)
def test_a_field_is_marked_only_by_what_was_looked_for_in_it(typed, field, html):
    assert marked("Brake <b>  of Ada", parse(typed), field) == html
    assert snippet("Ada", parse("from:ada")) == "Ada"


def test_a_match_far_down_is_shown_with_its_surroundings():
    shown = snippet("word " * 500 + "needle " + "word " * 500, parse("needle "))
    assert "<mark>needle</mark>" in shown
    assert shown.startswith("… word")
    assert shown.endswith("word …")
    assert len(re.sub(r"<.*?>", "", shown)) < 180


@given(st.text(max_size=400), st.text(max_size=40))
def test_only_our_own_tag_is_markup(text, typed):
    shown = snippet(text + " " + typed, parse(typed))
    assert not re.search(r"<(?!/?mark>)", shown)
    assert shown.count("<mark>") == shown.count("</mark>")
