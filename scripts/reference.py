"""Write the pages of ``docs/reference`` that are made from the code: settings, permissions, entries.

``python scripts/reference.py`` writes them; ``tests/architecture/test_docs.py`` compares them with the code.
"""

import ast
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rapport.kernel.stream.kinds import Kind

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/reference"
STREAMS = {
    "conversation": "Conversations",
    "customer": "Customers",
    "audit": "Staff and settings (the audit)",
}


def settings() -> str:
    """Return the page of the environment settings."""
    from rapport.config import environment

    tree = ast.parse(inspect.getsource(environment.Environment)).body[0]
    assert isinstance(tree, ast.ClassDef)
    meaning = {}
    for field, words in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(words, ast.Expr):
            assert isinstance(field.target, ast.Name) and isinstance(words.value, ast.Constant)
            meaning[field.target.id] = " ".join(str(words.value.value).replace("``", "`").split())
    rows = [
        f"| `RAPPORT_{field.name.upper()}` | {_value(field.default)} | {meaning[field.name]} |"
        for field in fields(environment.Environment)
    ]
    return _page(
        "Settings",
        "Environment variables, read at the start of every process; `rapport check` says what is wrong.\n"
        "Where `RAPPORT_URL` is unset and `RAPPORT_PORT` is given, the address is `http://localhost:PORT`.\n"
        "Everything else is set on the screens under Settings.",
        "| variable | default | meaning |\n|---|---|---|",
        rows,
    )


def permissions() -> str:
    """Return the page of what each role may do."""
    from rapport.staff.permissions import ROLE_PERMISSIONS, ROLE_REACH, Permission
    from rapport.staff.roles import Role

    roles = list(Role)
    head = "| | " + " | ".join(str(role.label) for role in roles) + " |\n|---|" + "---|" * len(roles)
    rows = ["| *sees* | " + " | ".join(ROLE_REACH[role].value for role in roles) + " |"]
    rows += [
        f"| `{permission}` | "
        + " | ".join("yes" if permission in ROLE_PERMISSIONS[role] else "" for role in roles)
        + " |"
        for permission in Permission
    ]
    return _page(
        "Permissions",
        "What each role may do, and on which conversations. Both are needed: an act on a conversation\n"
        "outside one's reach is answered as if it did not exist. *mentioned*: where a note names one.\n"
        "*teams*: those of the own teams. *brands*: those of the own brands and teams. *all*: all.\n"
        "An assigned or mentioned agent sees that conversation too (a collaborator only where mentioned).\n"
        "Declared in `rapport/staff/permissions.py`.",
        head,
        rows,
    )


def entries() -> str:
    """Return the page of the kinds of entries."""
    from rapport.kernel.stream.kinds import all_kinds

    parts = [
        "Everything that happens is an entry on a timeline. The facts hold ids, numbers, times and choices\n"
        "only; words live in rows of their own. *Undone by* names the kind that takes it back.\n"
        "`rapport catalogue` prints them as well."
    ]
    head = "| kind | who may see it | facts | undone by |\n|---|---|---|---|\n"
    for stream, title in STREAMS.items():
        rows = [_entry(kind) for of, kind in all_kinds() if of == stream]
        parts.append(f"## {title}\n\n{head}" + "\n".join(rows))
    return "# Entries of the timelines\n\n" + "\n\n".join(parts) + "\n"


def _entry(kind: "Kind") -> str:
    facts = ", ".join(f"`{field.name}`" for field in fields(kind.payload))
    inverse = f"`{kind.inverse}`" if kind.inverse else ""
    return f"| `{kind.name}` | {kind.audience} | {facts} | {inverse} |"


def _value(default: object) -> str:
    if default in {"", False} and not isinstance(default, int):
        return "empty"
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else f"`{default}`"


def _page(title: str, lead: str, head: str, rows: list[str]) -> str:
    return f"# {title}\n\n{lead}\n\n{head}\n" + "\n".join(rows) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "permissions.md": permissions,
    "entries.md": entries,
}


def main() -> int:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
