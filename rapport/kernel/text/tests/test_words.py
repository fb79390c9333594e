"""Charset repair, search form, text of HTML."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.kernel.text import extract, normalise, repair


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüße".encode("cp1252"), "us-ascii", "Grüße"),
        ("“quoted” €5".encode("cp1252"), "iso-8859-1", "“quoted” €5"),
        ("Привет, как дела сегодня".encode("koi8-r"), "x-unknown", "Привет, как дела сегодня"),
        ("Привет, как дела сегодня".encode("cp1251"), "", "Привет, как дела сегодня"),
        ("中文邮件测试内容".encode("gb18030"), "gb2312", "中文邮件测试内容"),
        ("こんにちは".encode("iso2022_jp"), "iso-2022-jp", "こんにちは"),
        ("한국어 메일".encode("cp949"), "ks_c_5601-1987", "한국어 메일"),
        (b"plain\x00 text", "hex", "plain text"),
        ("é".encode("utf-16"), "latin1", "é"),
        (b"+AOk-", "utf-7", "é"),
    ],
)
def test_text_is_decoded_in_spite_of_its_label(data: bytes, charset: str, text: str) -> None:
    assert repair.decode(data, charset) == text


def test_a_wrong_label_is_noted() -> None:
    assert repair.decode_noting("é".encode(), "us-ascii").defect == "labelled us-ascii, is utf-8"
    assert repair.decode_noting(b"plain", "utf-8").defect == ""


@given(st.binary(), st.text(max_size=20))
def test_any_bytes_and_label_give_valid_text(data: bytes, charset: str) -> None:
    text = repair.decode(data, charset)
    assert "\x00" not in text
    text.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Größe", "grosse"),
        ("ÉTÉ naïve", "ete naive"),
        ("Ｆｕｌｌ ﬁt", "full fit"),
        ("東京都", "東京 京都"),
        ("Łódź Øresund", "lodz oresund"),
        ("हिन्दी", "हिन्दी"),
        ("a-b_c@d.e", "a b_c d e"),
    ],
)
def test_search_form(text: str, words: str) -> None:
    assert normalise.normalise(text) == words


@given(st.text())
def test_search_form_is_stable(text: str) -> None:
    once = normalise.normalise(text)
    assert once == " ".join(once.split())


def test_text_of_html() -> None:
    html = (
        "<style>p{}</style><p>Hello&nbsp;<b>you</b>,</p><ul><li>one</li><li>two</li></ul>"
        '<div style="display:none">secret</div><pre>a\n  b</pre><blockquote type="cite">old</blockquote>'
    )
    assert extract.text_of(html) == "Hello you,\n\n- one\n- two\n\na\n  b\n\n> old"


@given(st.text())
def test_any_html_has_a_text(text: str) -> None:
    extract.text_of(text)


@pytest.mark.parametrize("piece", ["<div>", "<blockquote type=cite>", "<", "&", "<p>x", "word "])
def test_text_of_hostile_html_takes_little_time(piece: str) -> None:
    start = time.process_time()
    extract.text_of(piece * (300_000 // len(piece)))
    # Far above what linear work takes on a busy machine, far below what quadratic work would.
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", 0),
        ("<p>One <b>two</b></p><p>three</p>", 3),
        ("<table><tr><td>one</td><td>two</td></tr></table><ul><li>three</li></ul>", 3),
        ("<p>Grüße&nbsp;aus &amp; mit</p>", 4),
    ],
)
def test_words_of_neighbouring_paragraphs_count_apart(html: str, words: int) -> None:
    assert extract.words_in(html) == words
