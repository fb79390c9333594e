"""Write the lock files from what is installed: ``.venv/bin/python scripts/lock.py``.

They hold ``name==version`` and markers only, so that they fit any index and every supported Python.
"""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("postgres", "redis")
TOOLS = (
    "axe-playwright-python",
    "django-stubs",
    "djlint",
    "hypothesis",
    "import-linter",
    "mypy",
    "playwright",
    "pytest",
    "pytest-django",
    "pytest-randomly",
    "pytest-xdist",
    "ruff",
    "tinycss2",
    "tree-sitter",
    "tree-sitter-javascript",
)
MARKERS = {"uvloop": "sys_platform != 'win32'"}
"""Requirements that only some platforms have."""


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _wanted(requirement: Requirement, extras: set[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras})


def _closure(start: list[Requirement]) -> dict[str, str]:
    """Return name and installed version of everything that ``start`` needs."""
    found: dict[str, str] = {}
    done: set[tuple[str, tuple[str, ...]]] = set()
    waiting = list(start)
    while waiting:
        requirement = waiting.pop()
        key = (_name(requirement.name), tuple(sorted(requirement.extras)))
        if key in done:
            continue
        done.add(key)
        installed: Distribution = distribution(requirement.name)
        found[key[0]] = installed.version
        for text in installed.requires or []:
            needed = Requirement(text)
            if _wanted(needed, requirement.extras):
                waiting.append(needed)
    return found


def _write(name: str, head: list[str], pins: dict[str, str]) -> None:
    lines = [
        f"{package}=={pins[package]}" + (f"; {MARKERS[package]}" if package in MARKERS else "")
        for package in sorted(pins)
    ]
    (ROOT / name).write_text("\n".join([*head, *lines]) + "\n")


def main() -> None:
    """Write both files."""
    product = _closure([Requirement(f"rapport[{','.join(EXTRAS)}]")])
    del product["rapport"]
    tools = _closure([Requirement(tool) for tool in TOOLS])
    _write("requirements.lock", [], product)
    _write(
        "requirements-dev.lock",
        ["-r requirements.lock"],
        {k: v for k, v in tools.items() if k not in product},
    )


if __name__ == "__main__":
    main()
