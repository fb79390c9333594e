"""Bare web addresses in sanitised HTML."""

import time
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.kernel.text.extract import text_of
from rapport.kernel.text.links import linked
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.text.sanitise import reading_form
from rapport.kernel.text.signed_html import part_signature
from rapport.kernel.text.tests.danger import dangers

REL = ' target="_blank" rel="noopener noreferrer nofollow"'
ADDRESS = "https://a.example/x?y=1&z=(2)"
MARKUP = ("<", ">", '"', "<b>", "</b>", "<br>", f'<a href="{ADDRESS}">', "</a>", '<i title="a > http://c.d">')
WORDS = ("see ", ADDRESS, "http://b.example", ".", ") ", "&amp;", "\u00a0", "javascript:x()", "://")
WRITTEN = st.lists(st.sampled_from(MARKUP + WORDS), max_size=20).map("".join) | st.text()


@pytest.mark.parametrize(
    ("html", "address", "after"),
    [
        ("<div>Look at https://a.example/x.</div>", "https://a.example/x", ".</div>"),
        ("(http://a.example/?a=1&amp;b=2), or", "http://a.example/?a=1&amp;b=2", "), or"),
        ("&lt;https://a.example&gt;", "https://a.example", "&gt;"),
        ("<b>https://a.example</b>", "https://a.example", "</b>"),
        ("https://a.example/x!<br>Yes", "https://a.example/x", "!<br>Yes"),
    ],
)
def test_a_bare_address_was_no_link(html: str, address: str, after: str) -> None:
    assert f'<a href="{address}"{REL}>{address}</a>{after}' in linked(html)


@pytest.mark.parametrize("title", ['"', "'", "a > 'b'", "&quot; &gt;"])
def test_a_quotation_mark_in_a_title_kept_addresses_from_being_links(title: str) -> None:
    html = reading_form(f'<p title="{escape(title)}">See https://a.example</p><p>Bye</p><p>Pia</p>')
    before, _signature = part_signature(html, "Pia") or ("", "")
    assert f'<a href="https://a.example"{REL}>https://a.example</a></p>' in linked(before)


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="{ADDRESS}">https://a.example</a>',
        '<a href="https://a.example"><b>https://a.example</b></a>',
        '<p title="see > https://a.example">Words</p>',
        "<p>ftp://a.example javascript://a.example</p>",
        'https://a.example <p title="never closed',
    ],
)
def test_what_is_a_link_already_or_none_is_left(html: str) -> None:
    assert linked(html) == html


@given(WRITTEN)
def test_linking_changes_no_word_and_lets_nothing_act(written: str) -> None:
    clean = reading_form(written)
    found = linked(clean)
    assert text_of(found) == text_of(clean)
    assert found.count("<a ") == found.count(REL)
    assert linked(found) == found
    assert dangers(found) == []


@given(WRITTEN)
def test_the_links_of_a_customers_plain_words_were_not_shut_off(written: str) -> None:
    assert paragraphs(written).count("<a ") == paragraphs(written).count(REL)
    assert linked(paragraphs(written)) == paragraphs(written)


@pytest.mark.parametrize("piece", ["<", '<a "', "https://a ", "://<b>", "&lt;https://", '"'])
def test_linking_hostile_words_takes_little_time(piece: str) -> None:
    began = time.perf_counter()
    linked("https://a.example" + piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - began < 2
