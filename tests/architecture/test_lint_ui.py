"""The linter of style sheets and scripts sees what is planted, and only that."""

import importlib.util
from pathlib import Path

import pytest
from tree_sitter import Parser

from tests.architecture.test_floors import ROOT

spec = importlib.util.spec_from_file_location("lint_ui", ROOT / "scripts/lint_ui.py")
assert spec is not None
assert spec.loader is not None
lint = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lint)

GOOD_CSS = "@layer screens { .row { --own: 1px; margin-inline: var(--own); } }"
GOOD_JS = 'import { bind } from "ui/keys";\nbind("x", (event) => event.key === "x");\n'


def styles(tmp_path: Path, css: str, used: str = '<p class="row">') -> list[str]:
    path = tmp_path / "planted.css"
    path.write_text(css)
    judge = lint.Styles()
    return [*judge.read(path), *judge.together(used)]


def scripts(source: str) -> list[str]:
    tree = Parser(lint.JAVASCRIPT).parse(source.encode()).root_node
    return list(lint.script(Path("planted.js"), tree, {"ui/keys": {"bind"}}))


def test_good_work_passes(tmp_path: Path) -> None:
    assert styles(tmp_path, GOOD_CSS) == []
    assert scripts(GOOD_JS) == []


@pytest.mark.parametrize(
    ("css", "said"),
    [
        (".row { color: red }", "everything stands in a layer"),
        ("@layer attic { .row { color: red } }", "no layer 'attic'"),
        ("@layer screens { .row { color: var(--nowhere) } }", "no token --nowhere"),
        ("@layer screens { .row { margin-left: 1px } }", "writing direction"),
        ("@layer screens { .row { text-align: right } }", "writing direction"),
        ("@layer screens { @media print { .row { width: 1px } } }", "writing direction"),
        ("@layer screens { .unused { color: red } }", "nothing has the class unused"),
        ("@layer screens { .row { color red } }", "planted.css:1"),
    ],
)
def test_a_style_sheet(tmp_path: Path, css: str, said: str) -> None:
    assert any(said in line for line in styles(tmp_path, css)), styles(tmp_path, css)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("const = 1;", "no JavaScript"),
        ("function () {", "no JavaScript"),
        ("var a = 1;", "not var"),
        ("if (a == b) c();", "==="),
        ("eval('1');", "eval"),
        ("debugger;", "debugger"),
        ('import { bind } from "ui/kees";\nbind();', "nothing is called ui/kees"),
        ('import { bond } from "ui/keys";\nbond();', "offers no bond"),
        ('import { bind } from "ui/keys";', "not used"),
        ('import { bind as key } from "ui/keys";\nbind();', "key is imported and not used"),
    ],
)
def test_a_script(source: str, said: str) -> None:
    assert any(said in line for line in scripts(source)), scripts(source)
