"""Fragments are made once, and never fill the memory."""

from markupsafe import Markup

from rapport.kernel.web.remembered import Remembered


def test_a_fragment_is_made_once() -> None:
    made = []
    remembered = Remembered(1_000)

    def make() -> Markup:
        made.append(1)
        return Markup("<b>x</b>")

    assert remembered.get("one", make) == remembered.get("one", make) == "<b>x</b>"
    assert len(made) == 1


def test_the_one_not_used_longest_goes_first() -> None:
    remembered = Remembered(1_000)
    for number in range(100):
        remembered.get(number, lambda: Markup("x" * 10))
        remembered.get(0, lambda: Markup("y"))
    remembered.get(100, lambda: Markup("x" * 10))
    assert remembered.get(0, lambda: Markup("made anew")) == "x" * 10
    assert remembered.get(1, lambda: Markup("made anew")) == "made anew"


def test_a_large_fragment_is_not_kept() -> None:
    remembered = Remembered(1_000)
    assert remembered.get("big", lambda: Markup("x" * 11)) == "x" * 11
    assert remembered.get("big", lambda: Markup("made anew")) == "made anew"
