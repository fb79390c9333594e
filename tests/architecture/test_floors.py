"""The floors hold where import-linter cannot look: foreign keys, templates and URL names in text."""

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField

from tests.architecture.routes import all_routes

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "rapport"
LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0][
    "layers"
]
FLOOR = {name.strip(): level for level, line in enumerate(reversed(LAYERS)) for name in line.split("|")}
TEMPLATE = re.compile(r"""["'](?P<name>[a-z_]+)/[\w/.-]+\.html["']""")
URL_NAME = re.compile(r"""\b(?:url|reverse|redirect)\(\s*["'](?P<name>[\w:-]+)["']""")


def own_files(*endings: str) -> list[Path]:
    return [
        path
        for ending in endings
        for path in sorted(PACKAGE.rglob(f"*{ending}"))
        if not {"tests", "migrations", "vendor", "django_templates"} & set(path.parts)
    ]


def floor_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def package_of(app_name: str) -> str | None:
    parts = app_name.split(".")
    return parts[1] if parts[0] == "rapport" and len(parts) > 1 else None


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_downwards(model):
    own = package_of(model._meta.app_config.name)
    if own is None:
        return
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        if isinstance(field, ForeignKey | ManyToManyField):
            target = package_of(field.related_model._meta.app_config.name)
            assert target is None or target == own or FLOOR[target] < FLOOR[own], (
                f"{field} points up to {target}"
            )


def test_templates_come_from_the_same_floor_or_below():
    wrong = []
    for path in own_files(".py", ".html"):
        own = floor_of(path)
        for match in TEMPLATE.finditer(path.read_text()):
            target = match["name"]
            if target in FLOOR and target != own and own in FLOOR and FLOOR[target] >= FLOOR[own]:
                wrong.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert wrong == []


def test_url_names_lead_to_the_same_floor_or_below():
    packages = {route.name: package_of(route.package) for route in all_routes()}
    wrong = []
    for path in own_files(".py", ".html"):
        own = floor_of(path)
        for match in URL_NAME.finditer(path.read_text()):
            name = match["name"]
            if name not in packages:
                wrong.append(f"{path.relative_to(ROOT)}: no route is called {name}")
                continue
            target = packages[name]
            # Siblings may show each other by their addresses; a lower floor never names a higher one.
            if target is not None and own in FLOOR and FLOOR[target] > FLOOR[own]:
                wrong.append(f"{path.relative_to(ROOT)}: {name} is on the higher floor {target}")
    assert wrong == []
