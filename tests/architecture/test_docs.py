"""The documentation says what is there: links, commands, settings, permissions, entries, dependencies."""

import importlib.util
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from rapport.config.cli import COMMANDS
from rapport.config.environment import Environment

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)
RAPPORT = re.compile(r"(?:`|/bin/|^|-- )rapport ([a-z][a-z-]+)(?=[`\s])(?! +- )", re.MULTILINE)
VARIABLE = re.compile(r"\bRAPPORT_[A-Z_]+[A-Z]\b")
OWN_PATH = re.compile(r"`((?:rapport|tests|scripts|docs)/[\w./-]+)`")
PICTURES = sorted((ROOT / "docs/screenshots").glob("*.png"))


def name_of(value):
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


def anchors(page):
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    dead = []
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_files_exist(page):
    named = {path for path in OWN_PATH.findall(page.read_text()) if "LANGUAGE" not in path}
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_exist(page):
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(text)) - targets == set()
    assert set(RAPPORT.findall(text)) - set(COMMANDS) == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_variables_exist(page):
    known = {f"RAPPORT_{name.upper()}" for name in Environment.__dataclass_fields__}
    assert set(VARIABLE.findall(page.read_text())) - known == set()


def reference():
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts/reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["settings.md", "permissions.md", "entries.md"])
def test_the_reference_is_what_the_code_says(name):
    written = (ROOT / "docs/reference" / name).read_text()
    assert written == reference().PAGES[name](), "run python scripts/reference.py"


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    names = {re.match(r"[\w.-]+", each)[0] for each in wanted}
    page = (ROOT / "docs/decisions/0010-dependencies.md").read_text()
    rows = re.findall(r"^\| ([\w.-]+) \| .+? \| .+? \| .+? \|$", page, re.MULTILINE)
    assert set(rows) - {"package"} == names


def test_decisions_are_numbered_and_whole():
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), page.name


def test_the_floors_in_contributing_are_the_floors():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert "\n".join(contracts[0]["layers"]) in (ROOT / "CONTRIBUTING.md").read_text()


def test_pictures_are_small_and_shown():
    shown = "\n".join(page.read_text() for page in PAGES)
    assert 2 <= len(PICTURES) <= 4
    for picture in PICTURES:
        assert picture.stat().st_size < 300_000
        assert picture.name in shown, f"{picture.name} is shown nowhere"
