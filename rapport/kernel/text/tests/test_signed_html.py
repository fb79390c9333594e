"""HTML parted before its signature."""

from hypothesis import given
from hypothesis import strategies as st

from rapport.kernel.text import sanitise
from rapport.kernel.text.extract import text_of
from rapport.kernel.text.signed_html import part_signature


def test_a_signature_in_html_stood_unfolded() -> None:
    html = (
        "<div>The pedals are missing.<br><br></div><div><b>Pia Sommer</b><br>Tel. +49 30 1234</div>"
        '<div><img src="cid:logo"></div>'
    )
    assert part_signature(html, "Pia Sommer\nTel. +49 30 1234") == (
        "<div>The pedals are missing.</div>",
        '<div><b>Pia Sommer</b><br>Tel. +49 30 1234</div><div><img src="cid:logo"></div>',
    )


def test_a_signature_within_its_line_break_kept_the_words_before() -> None:
    parted = part_signature("<p>Hello<br>there<br>-- <br>Pia</p>", "-- \nPia")
    assert parted == ("<p>Hello<br>there</p>", "<p>-- <br>Pia</p>")


def test_other_last_words_are_parted_from_nothing() -> None:
    assert part_signature("<p>Hello</p><p>Pia</p><p>PS: soon?</p>", "Pia") is None
    assert part_signature("<p>Hello from Pia</p>", "Pia") is None
    assert part_signature("<p>Pia</p>", "") is None
    assert part_signature("", "Pia") is None


def test_words_that_nest_too_deep_behind_a_signature_were_lost() -> None:
    nested = "<div>" * 300 + "one thing more" + "</div>" * 300
    assert part_signature(f"<p>Hello</p><p>-- <br>Pia</p>{nested}", "Pia") is None


WORDS = st.text("ab-é ", max_size=6)
BLOCKS = st.recursive(
    st.one_of(WORDS, st.just("<br>"), st.just('<img src="cid:x">')),
    lambda inner: st.tuples(
        st.sampled_from(["div", "p", "b", "table", "td", "ul", "li"]), st.lists(inner, max_size=4)
    ).map(lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"),
    max_leaves=12,
)


def letters(html: str) -> str:
    return "".join(filter(str.isalnum, text_of(html)))


@given(st.lists(BLOCKS, max_size=6), st.text("abé-\n", max_size=6))
def test_no_word_is_lost_by_parting(blocks: list[str], signature: str) -> None:
    html = sanitise.reading_form("".join(blocks), image=lambda source: source)
    parted = part_signature(html, signature)
    if parted is not None:
        before, after = parted
        assert letters(before) + letters(after) == letters(html)
        assert letters(after) == "".join(filter(str.isalnum, signature))
        assert before.count("<img") + after.count("<img") <= html.count("<img")
