"""What the content security policy forbids, and what the sprite must hold, checked in the sources."""

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(ROOT.glob("**/templates/**/*.html"))
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>{]*\sstyle="),
    "an inline handler": re.compile(r"<[^>{]*\son[a-z]+="),
    "hx-on needs eval": re.compile(r"\bhx-on[:=]"),
    "js: values need eval": re.compile(r"""=["']js:"""),
    "a trigger filter needs eval": re.compile(r"""hx-trigger=["'][^"']*\["""),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_keeps_the_content_security_policy(path):
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_compiles(path):
    name = str(path).split("/templates/", 1)[1]
    engines["jinja2"].env.get_template(name)


def test_the_sprite_holds_every_icon_that_is_named():
    held = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "ui/static/ui/icons.svg").read_text()))
    sources = [*TEMPLATES, *ROOT.glob("**/kinds.py"), *ROOT.glob("**/apps.py"), *ROOT.glob("workspace/*.py")]
    named = set()
    for path in sources:
        text = path.read_text()
        named |= set(re.findall(r"""\bicon\(["']([a-z0-9-]+)["']""", text))
        named |= set(re.findall(r"""icon(?:_name)?=["']([a-z0-9-]+)["']""", text))
        named |= set(re.findall(r"""ui\.icon_button\(["']([a-z0-9-]+)["']""", text))
    assert named - held == set()


def test_every_style_sheet_of_ours_is_part_of_the_joined_one():
    from rapport.kernel.web import assets

    written = {f"{path.parents[1].name}/css/{path.name}" for path in ROOT.glob("*/static/*/css/*.css")}
    assert written - {"demo/css/demo.css"} == set(assets._stylesheets) - {"demo/css/demo.css"}
