"""Words stay out of payloads, and no text becomes markup unseen."""

import re
from dataclasses import fields, make_dataclass
from typing import get_type_hints

import pytest

from rapport.kernel.stream.kinds import Audience, Kind, all_kinds, register_kind
from tests.architecture.test_floors import ROOT, own_files

MARKUP = re.compile(r"mark_safe|SafeString\(|\|\s*safe\b|autoescape\s+false|autoescape=False")
TRUSTED = {
    "rapport/demo/templates/demo/thread.html": "the sanitised reading form",
    "rapport/ui/templatetags/look.py": "a macro of our own without any value",
    "rapport/workspace/templates/workspace/_hit.html": "the snippet that kernel/search escaped and marked",
    "rapport/workspace/templates/workspace/_hit_row.html": "the same snippet",
    "rapport/kernel/search/snippets.py": "escapes the text itself and adds the marks",
    "rapport/workspace/templates/workspace/_composer.html": "the sanitised signature",
    "rapport/workspace/templates/workspace/entries/_words.html": "the sanitised reading form",
    "rapport/workspace/templates/workspace/trays.html": "plain text as escaped paragraphs",
    "rapport/workspace/unscripted.py": "a template of our own, which escapes",
}


@pytest.mark.parametrize(("stream", "kind"), list(all_kinds()), ids=lambda value: getattr(value, "name", ""))
def test_a_payload_holds_no_words(stream, kind):
    hints = get_type_hints(kind.payload)
    for field in fields(kind.payload):
        assert "str" not in re.split(r"\W+", str(hints[field.name]).replace("<class 'str'>", "str")), (
            field.name
        )


@pytest.mark.parametrize("annotation", [str, str | None, bytes, list[str], tuple[str, ...], dict, object])
def test_a_kind_with_words_is_refused(annotation):
    payload = make_dataclass("Wordy", [("text", annotation)], frozen=True)
    with pytest.raises(TypeError):
        register_kind("audit", Kind("test.wordy", payload, Audience.INTERNAL, "x"))


def test_inverses_exist():
    names = {kind.name for _, kind in all_kinds()}
    assert {kind.inverse for _, kind in all_kinds() if kind.inverse} <= names


def test_only_named_files_make_markup_of_text():
    found = {
        str(path.relative_to(ROOT)) for path in own_files(".py", ".html") if MARKUP.search(path.read_text())
    }
    assert found - set(TRUSTED) == set(), "escape it, or name the file here with its reason"


def test_no_template_engine_gets_a_text_of_people():
    engine = re.compile(r"from_string\(|django\.template import Template|jinja2\.Template\(|\bTemplate\(")
    found = [str(path.relative_to(ROOT)) for path in own_files(".py") if engine.search(path.read_text())]
    assert found == []
